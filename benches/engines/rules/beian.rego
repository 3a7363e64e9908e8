# The checks in Rego. `input` has case, people, phones and facts; `data` is what
# the rulebook says on the day.
package beian

import rego.v1

sponsor := input.case.sponsor

service := input.case.service

province := data.provinces[substring(sponsor.division, 0, 2)]

suffix := substring(service.domain, indexof(service.domain, ".") + 1, -1)

top_level := labels[count(labels) - 1] if {
	labels := split(service.domain, ".")
}

fires contains "SPN004" if {
	sponsor.certificate.kind == "business-licence"
	characters := split(sponsor.certificate.number, "")
	total := sum([product | some i, weight in data.uscc_weights; product := data.uscc[characters[i]] * weight])
	data.uscc_check[total % 31] != characters[17]
}

fires contains "SPN007" if {
	input.facts.valid_until_day != null
	input.facts.valid_until_day < data.today
}

fires contains "SPN008" if {
	input.facts.valid_until_day >= data.today
	input.facts.valid_until_day < data.certificate_until
}

fires contains "SPN009" if {
	sponsor.nature != "individual"
	sponsor.division != sponsor.certificate.division
}

fires contains "PER004" if {
	some person in input.people
	person.certificate_kind == "resident-id-card"
	characters := split(person.certificate_number, "")
	total := sum([product | some i, weight in data.resident_weights; product := data.digits[characters[i]] * weight])
	data.resident_check[total % 11] != characters[17]
}

fires contains "PER005" if {
	some person in input.people
	not regex.match(`^1[3-9][0-9]{9}$`, person.mobile)
}

fires contains "PER006" if {
	some person in input.people
	regex.match(`^1[3-9][0-9]{9}$`, person.mobile)
	not data.prefixes[substring(person.mobile, 0, 3)]
}

fires contains "PER010" if {
	some person in input.people
	person.certificate_kind == "resident-id-card"
	substring(person.certificate_number, 6, 8) > born_by
}

born_by := province.born_by_individual if sponsor.nature == "individual"

born_by := province.born_by_unit if sponsor.nature != "individual"

fires contains "SVC002" if count(service.name) < data.min_name_characters

fires contains "SVC005" if {
	not sponsor.nature in data.exempt_natures
	some word in data.reserved_words
	contains(service.name, word)
	not is_own_word(word)
}

is_own_word(word) if {
	sponsor.nature != "individual"
	contains(sponsor.name, word)
}

fires contains "SVC010" if {
	some word in data.pre_approval_words
	contains(service.name, word)
}

# Another body of the same check.
fires contains "SVC010" if {
	sponsor.nature != "individual"
	some word in data.pre_approval_words
	contains(sponsor.name, word)
}

fires contains "DOM005" if {
	not data.suffixes[suffix]
	not data.suffixes[top_level]
}

fires contains "DOM006" if {
	data.restricted[suffix]
	not sponsor.nature in data.restricted[suffix]
}

fires contains "ACC006" if input.facts.expires_day == null

fires contains "ACC006" if input.facts.expires_day - input.facts.bought_day < data.term_days

fires contains "ACC007" if input.facts.expires_day == null

fires contains "ACC007" if input.facts.expires_day < data.remaining_until

fires contains "MAT001" if {
	some requirement in data.materials
	is_required(requirement.when)
	not handed_in[requirement.material]
}

handed_in := {material.purpose: true | some material in input.case.materials}

is_required(when) if when == "always"

is_required(when) if {
	when == "unit"
	sponsor.nature != "individual"
}

is_required(when) if {
	when == "other-service-principal"
	count(input.people) > 1
}

fires contains "MAT002" if {
	some material in input.case.materials
	material.bytes > data.max_bytes
}

fires contains "FLO002" if input.facts.sponsor_filed

fires contains "PRV001" if count({phone | some phone in input.phones}) < needed

needed := province.two_persons if count(input.people) > 1

needed := province.same_person if count(input.people) == 1

fires contains "PRV010" if {
	some word in province.approval_words
	contains(service.name, word)
}

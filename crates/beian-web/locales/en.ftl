# Every text of the portal. The keys are those of zh-CN.ftl.
## Every page
site-name = ICP filing
skip-to-content = Skip to content
nav-tools = Language and account
nav-main = Main
menu-home = My filings
menu-review = Review desk
menu-resources = Resources
menu-bridge = Regulator bridge
menu-audit = Audit trail
menu-lookup = Look up
menu-help = Help
menu-sign-in = Sign in
menu-sign-out = Sign out
practice-tag = Practice
practice-text = The numbers granted here are not real. Do not enter real certificates.
footer-privacy = Your certificates, telephone numbers and addresses are kept encrypted. Only you and the reviewer can read them.
link-back = Back
link-back-to-page = Back to the page you were on
link-home = Go to the start page
link-to-order = See this filing
link-task-list = See all steps
link-withdraw = Give up this filing
button-continue = Continue
button-save = Save and continue
button-next = Continue to the next step
error-prefix = Error:{" "}
colon = :{" "}
separator = ;{" "}
error-title = There is a problem
select-please = Please choose
day-year = Year
day-month = Month
day-day = Day
duration-days = { $n ->
    [one] { $n } day
   *[other] { $n } days
}
duration-hours = { $n ->
    [one] { $n } hour
   *[other] { $n } hours
}
duration-minutes = { $n ->
    [one] { $n } minute
   *[other] { $n } minutes
}
duration-moment = less than a minute
menu-rulebook = Rulebook

## Front page
front-title = Get your website filed
front-lead = A website served from mainland China must be filed before it opens. We ask one question at a time, save as you go, and point out every problem before you hand it in.
front-start = Sign up and start
front-sign-in = I have an account
front-needs-title = What you need
front-needs-1 = The sponsor’s certificate: a business licence, or an identity card for a person
front-needs-2 = The identity card of the person in charge, and a mobile phone that receives SMS
front-needs-3 = A domain with real-name registration
front-needs-4 = A server from this provider that can be filed on
front-lookup-title = Is a website filed?
front-lookup-text = Enter a domain or a number. The answer is filed, not filed, or not known right now and why.
front-steps-title = From start to number
front-step-1 = Fill in
front-step-1-text = About 20 minutes, in as many sittings as you like
front-step-2 = Provider’s review
front-step-2-text = Usually 1 to 2 working days
front-step-3 = SMS verification
front-step-3-text = Within 24 hours of the message
front-step-4 = Regulator’s review
front-step-4-text = At most 20 working days

## Account
field-login = Login name
field-password = Password
field-email = E-mail address
sign-in-title = Sign in
sign-in-button = Sign in
sign-in-no-account = No account yet? Sign up
sign-in-first = Sign in first. You will then come back to the page you wanted.
sign-in-wrong = The login name or the password is wrong
sign-in-locked = { $n ->
    [one] Too many wrong passwords. Try again in { $n } minute
   *[other] Too many wrong passwords. Try again in { $n } minutes
}
sign-up-title = Create an account
sign-up-intro = It keeps your progress and shows you the results of the reviews.
sign-up-login-hint = 3 to 64 characters: letters a to z, digits or . _ - @ +
sign-up-login-form = Enter a login name of 3 to 64 characters: letters a to z, digits or . _ - @ +
sign-up-email-hint = Results of the reviews are sent here
sign-up-email-form = Enter an e-mail address such as name@example.com
sign-up-password-hint = At least { $n } characters. Longer is safer: it can be a sentence.
sign-up-password-length = The password must have 10 to 200 characters; this one has { $n }
sign-up-taken = This login name is taken. Choose another
sign-up-button = Create account
sign-up-has-account = Have an account? Sign in

## A filer's own page
home-title = My filings
home-start = Start a filing
home-empty-title = No filings yet
home-empty-text = Have the number of the sponsor’s certificate and the domain at hand. We first ask the regulator, and tell you which kind of filing it is and what to hand in.
home-updated = updated { $it }
home-resources = My resources
home-resources-text = A website is filed on a server that meets every condition. A server can be used the moment it is bought.
resource-none = You have no resources yet. Buy a prepaid server in mainland China with a public IPv4 address, then reload this page.
resource-outside = Outside mainland China
resource-usable = Can be filed on
resource-unusable = Cannot be filed on
resource-fits = Meets every condition
resource-does-not-fit = Cannot be filed on yet. { $it }
resource-conditions = Condition by condition
resource-kind-cloud-server = Cloud server
resource-kind-light-server = Light server
resource-kind-load-balancer = Load balancer
resource-kind-elastic-address = Elastic address
condition-name = Condition
condition-state = Result
condition-expected = Expected
condition-got = Actual
condition-met = Met
condition-unmet = Not met
condition-unknown = Not known

## Beginning
start-caption = Start a filing · question { $n } of 3
start-domain = Which domain do you want to file?
start-certificate-intro = The number is encrypted at once. It is used to find the kind of filing, and for the regulator.
start-nature-missing = Choose what the sponsor is
start-kind-missing = Choose the kind of certificate
start-number-missing = Enter the certificate number
nature-enterprise-hint = Companies and sole traders with a business licence
nature-individual-hint = Filed with your own identity card; the site may not be commercial
domain-missing = Enter a domain
domain-syntax = “{ $it }” is not a domain. Enter one such as example.cn
domain-address = { $it } is an IP address. Enter the domain: that is what is filed
domain-suffix = { $it } is a public suffix. Enter the whole domain that you registered
domain-subdomain = Enter { $it }: a subdomain is covered by it
domain-length = A domain has 4 to 128 characters; this one has { $n }
number-form = The number does not have the form of this certificate ({ $n } characters were entered). Compare it with the certificate
number-check = A character is mistyped: by the ones before it, the last would be { $it }. Compare each with the certificate
number-birth = Characters 7 to 14 are no date of birth. Compare them with the certificate
open-title = You have a filing under way
open-text = A sponsor can have one filing at a time. Continue this one, or give it up before you start another.
open-continue = Continue it
open-withdraw = Give it up and start another
blocked-title = It cannot start like this
blocked-lead = We checked { $it } and your certificate. Here is why, and what to do.
blocked-kind = Kind of filing
blocked-what-now = You can
blocked-other-domain = Use another domain
blocked-other-certificate = Check or change the certificate number
begun-title = The kind of filing is known
begun-heading = This is a { $it }
begun-asked-not-filed = We asked the regulator at { $it }: neither the domain nor the sponsor has a number.
begun-asked-filed = The regulator’s record: { $it }.
begun-not-asked = The regulator has not answered yet. You can go on; we will ask again before you hand in.
begun-uncertain = The kind is not certain yet:
begun-region = Where to file
begun-region-text = You will be asked to compare it with the address on the certificate, and can change it.
begun-materials = What to upload
begun-time = About 20 minutes to fill in; it is saved as you go. Reviews: 1 to 2 working days by the provider, at most 20 by the regulator.
begun-continue = Continue
begun-change-certificate = The certificate or the domain is wrong: change it
blocked-cause = Why

## Task list
tasks-title = Filing of { $it }
tasks-done = { $n } done
tasks-total = of { $n } required steps.
tasks-continue = Continue
tasks-check = Check and hand in
tasks-returned = The reviewer returned some answers. Only these can be changed.
tasks-refused = The regulator refused this filing. Correct it and hand it in again.
tasks-see-reasons = See the reasons
section-sponsor = Sponsor
section-principal = Person in charge of the sponsor
section-service = Website
section-access = Hosting
section-materials = Materials
state-not-started = Not started
state-optional = Optional
state-needs-attention = Needs attention
state-returned = Returned
state-done = Done
state-locked = Locked
task-nature = What the sponsor is
task-certificate = Certificate
task-sponsor-name = Name
task-certificate-address = Address on the certificate
task-certificate-division = County of that address
task-certificate-validity = Validity of the certificate
task-division = Where to file
task-address = Address for letters
task-investor = Investor or superior unit
task-sponsor-remark = Remark on the sponsor
task-principal-identity = Name and certificate
task-principal-phones = Telephones
task-principal-email = E-mail
task-principal-office-phone = Office telephone
task-website = Domain and home page
task-service-name = Name of the website
task-contents = What it offers
task-languages = Languages
task-service-principal = Person in charge of the website
task-service-principal-identity = That person’s name and certificate
task-service-principal-phones = That person’s telephones
task-service-principal-email = That person’s e-mail
task-service-principal-office-phone = That person’s office telephone
task-service-remark = Remark on the website
task-resource = Server
task-sponsor-certificate = Picture of the sponsor’s certificate
task-sponsor-principal-certificate = Picture of the sponsor principal’s certificate
task-service-principal-certificate = Picture of the website principal’s certificate
task-verification-form = Verification form
task-service-principal-photo = Photo of the website principal
link-route = See the route to the number

## Questions
step-nature = Who sponsors the website?
step-certificate = Which certificate does the sponsor file with?
step-sponsor-name = What is the sponsor’s name?
step-certificate-address = Which address is on the certificate?
step-certificate-division = Which county is that address in?
step-certificate-validity = Until when is the certificate valid?
step-division = Where do you file?
step-address = Where do letters reach the sponsor?
step-investor = Who is the investor or superior unit?
step-sponsor-remark = Is there anything to remark on the sponsor?
step-principal-identity = Who is in charge of the sponsor?
step-principal-phones = How is the person in charge reached by telephone?
step-principal-email = What is the e-mail address of the person in charge?
step-principal-office-phone = What is the office telephone of the person in charge?
step-website = What are the website’s domain and home page?
step-service-name = What is the website called?
step-contents = What does the website offer?
step-languages = Which languages does the website use?
step-service-principal = Who is in charge of the website?
step-service-principal-identity = Who is in charge of the website?
step-service-principal-phones = How is the person in charge of the website reached by telephone?
step-service-principal-email = What is the e-mail address of the person in charge of the website?
step-service-principal-office-phone = What is the office telephone of the person in charge of the website?
step-service-remark = Is there anything to remark on the website?
step-resource = Which server is the website on?
step-service-name-intro = The name should tell what the site is about, in at least 3 characters; a unit may use its full or short name.
step-principal-identity-intro = Usually the legal representative; for an individual, the individual.
step-principal-phones-intro = The regulator’s verification message goes to this mobile phone. Use one that this person has at hand.
step-resource-intro = For each server it is said whether it meets the conditions.
step-division-intro = A unit files where the address on its certificate is; so does an individual, as a rule.
region-proposed = Proposed: { $it }.
link-other-province = It is in another province
provinces-lead = Choose the province first, then the county.
service-principal-same = The person in charge of the sponsor
service-principal-other = Another person
valid-without-end = No end
stored-now = Stored now: { $it }
saved-but = Saved, but something is still wrong. Correct it now, or go on and come back.
saved-go-on = Go on and correct it later
form-stale = This filing was changed in another window, so what you typed is not saved yet. Both versions are shown below; save again to use yours.
form-expired = Your session was renewed. What you typed is still here: press save again.
answer-missing = Enter: { $it }
material-missing = Upload: { $it }
answer-not-a-choice = Choose one of the options: { $it }
answer-not-a-day = Enter a date that exists, such as 7 3 2030
answer-too-long = { $it } is too long: at most 2,000 characters
more-certificate = Did this certificate replace another one? The record may still bear its number
more-principal-identity = What the person is to the unit (optional)
more-website = How the domain is registered (optional)
answer-unstated = Not stated

## Answers
answer-sponsor-nature = What the sponsor is
answer-sponsor-certificate-kind = Kind of certificate
answer-sponsor-certificate-number = Certificate number
answer-sponsor-certificate-number-hint = For a business licence the unified social credit code of 18 characters
answer-sponsor-name = Name of the sponsor
answer-sponsor-name-hint = Exactly as on the certificate, brackets included
answer-sponsor-certificate-address = Address on the certificate
answer-sponsor-certificate-address-hint = Copy it exactly from the certificate
answer-sponsor-certificate-division = County of the address on the certificate
answer-sponsor-certificate-valid-until = Certificate valid until
answer-sponsor-certificate-valid-until-hint = Leave it empty if the certificate has no end
answer-sponsor-division = Where to file
answer-sponsor-address = Address for letters
answer-sponsor-address-hint = Without province, city and county, down to the door number
answer-sponsor-investor = Investor or superior unit
answer-sponsor-investor-hint = A company usually gives its own full name; may be left empty
answer-sponsor-remark = Remark on the sponsor
answer-sponsor-remark-hint = Optional. Some provinces want the purpose stated
answer-person-name = Name
answer-person-certificate-kind = Kind of certificate
answer-person-certificate-number = Certificate number
answer-person-mobile = Mobile number
answer-person-mobile-hint = 11 digits; receives the regulator’s SMS
answer-person-emergency-phone = Emergency telephone
answer-person-emergency-phone-hint = Another number than the one above, answered at any time
answer-person-office-phone = Office telephone
answer-person-office-phone-hint = With area code, such as 0755-00000000
answer-person-email = E-mail address
answer-service-name = Name of the website
answer-service-domain = Domain
answer-service-domain-hint = Such as example.cn, without www
answer-service-home-url = Address of the home page
answer-service-home-url-hint = Optional: www. and the domain if left empty
answer-service-contents = What it offers
answer-service-contents-hint = Choose all that apply. Usually “Site of a unit”, or “Other” for a person
answer-service-languages = Languages
answer-service-languages-hint = Choose every language the site uses
answer-service-principal = Person in charge of the website
answer-service-remark = Remark on the website
answer-service-remark-hint = Optional. Say what the site does if its name does not tell
answer-access-resource = Server
answer-sponsor-certificate-former-number = Number of the former certificate
answer-sponsor-certificate-former-number-hint = Leave it empty if none was replaced. For example the registration number of 15 digits from before the unified licences
answer-sponsor-certificate-former-kind = Kind of the former certificate
answer-sponsor-certificate-former-whereabouts = Is the former certificate still at hand?
choice-sponsor-certificate-former-whereabouts-surrendered = The authority took it back
choice-sponsor-certificate-former-whereabouts-at-hand = It is, and can be scanned
answer-sponsor-principal-role = What the person is to the unit
choice-sponsor-principal-role-legal-representative = Its legal representative
choice-sponsor-principal-role-authorised = Somebody whom it authorised
answer-service-registration-registrar = Where the domain is registered
choice-service-registration-registrar-here = With this provider
choice-service-registration-registrar-mainland = With another registrar in mainland China
choice-service-registration-registrar-overseas = With a registrar abroad
answer-service-registration-holder = Who holds the domain
choice-service-registration-holder-sponsor = The sponsor itself
choice-service-registration-holder-legal-representative = Its legal representative
choice-service-registration-holder-shareholder = A shareholder
choice-service-registration-holder-senior-manager = A senior manager or the person in charge
choice-service-registration-holder-other = Somebody else
answer-service-registration-real-named-on = Day on which the domain’s real-name verification was passed
answer-service-registration-expires-on = Last day of the domain’s registration

## Materials
material-sponsor-certificate = Upload a colour photograph or scan of the sponsor’s certificate: all four corners, legible, without glare.
material-sponsor-principal-certificate = Upload both sides of the sponsor principal’s identity card in one picture.
material-service-principal-certificate = Upload both sides of the website principal’s identity card in one picture.
material-verification-form = Upload the verification form, filled in and signed (with the unit’s seal).
material-service-principal-photo = Upload a half-length photograph of the website principal: facing the camera, no hat, plain background, even light.
picture-file = Choose a picture
picture-hint = JPEG or PNG, at most 9 MB. On a phone you can take it now.
picture-limit = The regulator’s interface takes about { $n } kB a picture. We make a legible copy and show you exactly what is sent.
picture-upload = Upload
picture-replace-title = Use another picture
picture-replace = Replace
picture-remove = Remove this picture
picture-later = Upload it later
picture-copy-caption = This is exactly what the regulator gets. Check that every character can be read.
picture-alt = { $it } (the copy for the regulator)
picture-original = Original
picture-copy = Copy for the regulator
picture-bytes = Size
picture-pixels = Pixels
picture-handed-in = Uploaded { $it }.
picture-see-original = See the original
picture-empty = Choose a picture first
picture-too-many-bytes = The picture has { $it } MB; at most 9 MB are taken. Make it smaller and upload it again
picture-format = This file is neither JPEG nor PNG. Save it as JPEG and upload that
picture-too-many-pixels = The picture has { $it } pixels, which is too many. Make it smaller and upload it again
picture-damaged = The picture is damaged or cut off. Export it again and upload that
picture-no-copy = No legible copy fits { $n } kB. Cut off what is not needed and upload it again

## Checking and handing in
check-title = Check your answers
check-lead = Everything can still be changed. All problems are listed here at once.
check-errors = { $n ->
    [one] { $n } thing stands in the way
   *[other] { $n } things stand in the way
}
check-warnings = { $n ->
    [one] { $n } note does not stand in the way.
   *[other] { $n } notes do not stand in the way.
}
check-change = Change
check-not-answered = Not answered
check-undetermined = What cannot be judged yet
check-declare-title = Declaration
check-declare-text = The provider reviews it and sends it to the regulator. A filing with false information is cancelled.
check-declare = I declare that all this is true and complete, and agree that it is sent to the communications administration
check-undeclared = Tick the declaration first
check-submit = Hand in the filing
check-mend-first = Once these are corrected, you can hand in here.
severity-error = Must be corrected
severity-warning = Take care
severity-advice = Advice
finding-ways-out = What to do
finding-source = Source
finding-no-source = A check of form; it needs no source.
remedy-have-paper = I have it at hand
papers-title = Papers at hand
papers-text = Letters, proofs and pledges that you said are at hand, for when the bureau asks.
papers-take-back = It is not: take it back

## The route to a number
plan-title = The route to the number
plan-goal-filed = A number is granted: { $it }
plan-goal-already = It has a number already: { $it }. There is nothing to file
plan-at-once = At once
plan-days = { $n ->
    [one] { $n } working day
   *[other] { $n } working days
}
plan-days-range = { $it } working days
plan-until = { $it }
plan-automatic = Automatic
plan-one-click = One click
plan-do-it = Do it now
plan-who = Who
plan-how-long = How long
plan-here = Here
plan-running = Running services
plan-gives-up = Given up
plan-calendar = Some of these days lie in a year whose holidays are not published yet, and may shift a little.
plan-afterwards = Once the number is there
plan-faster = A faster way: { $it }
plan-faster-text = It is faster and gives up what is said below. Think before you take it.
plan-none = As things are there is no way
plan-none-text = Every way ends at these rules.
plan-unfinished = There are too many ways, and the search was not finished. Mend what is listed above, then look again.
plan-remains = What is left
plan-assumptions = { $n ->
    [one] { $n } thing is not known, and assumed not to stand in the way
   *[other] { $n } things are not known, and assumed not to stand in the way
}
plan-made = Made by the rules of { $it }
route-title = How to get the number
route-lead = Who does what from now until the number, and how long it takes. It is made anew whenever something changes.

## An order
order-number = Order
order-state = State
order-kind = Kind
order-holder = Who has it now
order-since = Since
order-next = What happens next
order-mend = Correct it
order-refresh = This page updates by itself when something changes.
order-refresh-now = Refresh now
holder-filer = You
holder-provider = The provider
holder-regulator = The regulator
holder-nobody = Nobody: it is over
order-state-draft = Draft
order-state-provider-review = With the provider
order-state-returned = Returned
order-state-queued = On its way
order-state-at-regulator = With the regulator
order-state-refused = Refused
order-state-filed = Filed
order-state-withdrawn = Given up
order-text-draft = It is being filled in.
order-text-provider-review = It is handed in, and the provider is reviewing it.
order-text-returned = The provider returned some answers. Correct them and hand it in again.
order-text-queued = The provider approved it. It is on its way to the regulator.
order-text-at-regulator = It is with the regulator: first SMS verification, then the review.
order-text-refused = The regulator refused it. Correct it as it says and hand it in again.
order-text-filed = It is filed.
order-text-withdrawn = You gave this filing up.
order-next-draft = Finish, check, and hand in
order-next-provider-review = A decision, usually within 1 to 2 working days; the reviewer may call
order-next-returned = Correct what was returned and hand it in again
order-next-queued = Once it has arrived, the person in charge gets an SMS
order-next-at-regulator = SMS verification within 24 hours, then at most 20 working days of review
order-next-refused = Correct it as the regulator says, and hand it in again
order-next-filed = Put the number on your home page
order-next-withdrawn = You can start again at any time
stages-label = Progress
stage-prepare = Fill in
stage-review = Provider’s review
stage-regulator = Regulator
stage-filed = Number
postponed-title = The regulator cannot be reached right now.
postponed-text = Nothing is lost and you need do nothing; we try again at { $it }.
sms-title = Complete the SMS verification
sms-text = The regulator sends an SMS with a code of 6 digits to the person in charge. Enter the code, the mobile number and the last six characters of the certificate number on the regulator’s site. The regulator sends it; the provider does not see the code.
sms-limits = It is valid for 24 hours and may be entered wrongly 5 times; after that the filing comes back.
sms-link = Verify on the regulator’s site
sms-practice = In practice the code is shown in the console of the practice regulator:
sms-console = Open the console
returned-title = What was returned
returned-because = Returned because:
returned-whole = The filing as a whole
refusal-title = What the regulator says
refusal-text = Correct it and hand it in again. It is then reviewed and sent anew.
timeline-title = What happened
timeline-begun = Begun
timeline-submitted = Handed in
timeline-returned = Returned by the provider
timeline-approved = Approved by the provider
timeline-delivered = Arrived at the regulator
timeline-postponed = The regulator could not be reached; waiting to try again
timeline-refused = Refused by the regulator
timeline-filed = Filed
timeline-withdrawn = Given up
filed-number = The number of your website
filed-sponsor-number = Sponsor’s number { $it }
filed-footer-title = First: put the number at the foot of your home page
filed-footer-text = Copy this code to the foot of the home page. The number must link to beian.miit.gov.cn; there are fines for leaving it out.
filed-police-title = Second: register with public security within 30 days
filed-police-text = Do it on beian.gov.cn within 30 days of opening.
filed-keep-title = Later: file every change
filed-keep-text = If the person in charge, a number, a certificate or an address changes, file the change, or the number may be cancelled.
withdraw-title = Give up this filing?
withdraw-text = It cannot be taken back. What was filled in is not used any more. You can start again with the same certificate.
withdraw-button = Give up the filing
withdraw-keep = Keep it

## Review desk
queue-title = Waiting for review
queue-empty = Nothing is waiting.
queue-count = { $n ->
    [one] { $n } filing, the longest waiting first.
   *[other] { $n } filings, the longest waiting first.
}
queue-waiting = Waiting for
review-submitted = Handed in { $it }
review-waiting = waiting for { $it }
review-rules-of = judged by the rules of { $it }
review-findings = What the rules say
review-no-findings = No findings.
review-return-field = Return
review-reason = Reason
review-reason-for = Reason for returning { $it }
review-decide = Decision
review-whole = Remark on the whole
review-whole-hint = With this the filer can change everything.
review-approve = Approve and send
review-return = Return what is ticked
review-reason-missing = Give a reason for everything that is ticked
review-nothing-returned = Tick at least one answer and give a reason
review-unsendable = No file can be made of this filing yet: return what is wrong

## Operator
operator-resources-text = All resources that the cloud reported, condition by condition.
operator-resources-empty = The cloud has reported nothing yet. It reports to POST /api/v1/resources
bridge-well = The conversation with the regulator is well.
bridge-trouble = A person must look at this:
bridge-problem = The conversation with the regulator has a problem:
bridge-rests = It is tried again after { $it }.
bridge-last-answer = The regulator answered last at { $it }
bridge-no-answer = The regulator has not answered since the start
bridge-orders = Orders
bridge-deliveries = To the regulator
bridge-received = From the regulator
bridge-nothing-sent = No file was sent yet.
bridge-nothing-received = No file was received yet.
bridge-file = File
bridge-sequence = Sequence
bridge-queued = Queued
bridge-then = Arrived, or tried again
bridge-attempts = Failures
bridge-name = Name
bridge-applied = Took effect
bridge-acknowledged = Acknowledged
bridge-not-acknowledged = Not yet
delivery-waiting = Queued
delivery-numbered = Being sent
delivery-delivered = Arrived
audit-lead = The newest 200. Each carries the digest of the one before, so that a change shows; nothing personal is in it.
audit-at = When
audit-actor = Who
audit-action = What
audit-subject = To which
audit-detail = More
actor-account = account { $it }
actor-cloud = cloud
actor-bridge = bridge
actor-system = system
actor-anonymous = not signed in
rulebook-lead = It decides what can be handed in. Another one is installed without a stop and without a new program.
rulebook-digest = Digest (SHA-256)
rulebook-origin = From
rulebook-of-program = The program itself
rulebook-of-bundle = A signed rulebook, sealed on { $it }
rulebook-since = First used
rulebook-present = The present one
rulebook-trouble = The installed rulebook was not taken at the start:
rulebook-installed = It is installed and judges from now on.
rulebook-refused = This file was not taken
rulebook-refused-text = Nothing was changed; the rulebook that judged before goes on.
rulebook-install-title = Install another
rulebook-install-text = Choose a signed rulebook. One with a wrong signature, with a mistake in it, or older than the present one is not taken.
rulebook-file = Signed rulebook
rulebook-try = See what it would change
rulebook-install = Install it
rulebook-no-key = The server was started without the public key that checks signatures (--rulebook-key), so none can be installed here.
rulebook-compare-title = Compare
rulebook-compare-text = Which open orders and stored records change their verdict, between two rulebooks or between two days of one?
rulebook-compare-with = From which rulebook
rulebook-from-day = From which day
rulebook-to-day = To which day (of the present rulebook)
rulebook-compare = Compare
rulebook-trial = If { $it } were installed
impact-nothing = { $n ->
    [one] { $n } filing was judged again; its verdict stays as it is.
   *[other] { $n } filings were judged again; every verdict stays as it is.
}
impact-changed = { $n ->
    [one] { $n } verdict changes.
   *[other] { $n } verdicts change.
}
impact-judged = { $n ->
    [one] { $n } filing was judged again.
   *[other] { $n } filings were judged again.
}
impact-cut = Only the first { $it } were judged.
impact-gained = Found in addition
impact-lost = Found no longer
impact-values = { $n ->
    [one] { $n } value of the rulebook differs
   *[other] { $n } values of the rulebook differ
}

## Public query
lookup-title = Look up a filing
lookup-lead = Enter a domain or a number. “Not known” and “not filed” are two things; we tell them apart.
lookup-label = Domain or number
lookup-button = Look up
lookup-filed = Filed
lookup-not-filed = Not filed
lookup-unknown = Not known
lookup-not-filed-text = The regulator has no filing of this domain.
lookup-as-of = As of { $it }
lookup-service-number = Website number
lookup-sponsor-number = Sponsor number
lookup-domain = Domain
lookup-sponsor = Sponsor
lookup-service = Website
lookup-source-here = From the records of this provider.
lookup-source-regulator = From the regulator.

## Problems
problem-not-found = Page not found
problem-not-found-text = The address may be mistyped, or the filing is not yours.
problem-method = This address cannot be opened like this
problem-method-text = Use the links and buttons of the pages.
problem-forbidden = This account may not open this page
problem-forbidden-text = It belongs to another role. Sign in with another account.
problem-sign-in = Sign in again
problem-sign-in-text = Your session has ended and this was not saved. Sign in in another window, go back in this one, and send the form again.
problem-token = This form has expired
problem-token-text = Nothing was changed. Go back, reload the page and send it again.
problem-too-large = The file is too large
problem-too-large-text = At most { $n } MB are taken here (9 MB for a picture). Nothing is lost: go back and upload a smaller one.
problem-unreadable = This request cannot be read
problem-unreadable-text = Nothing was changed. Go back and try again.
problem-moved = It has moved on
problem-moved-text = This filing was changed elsewhere or is at its next step. Nothing is lost: see where it is now.
problem-not-returned = This cannot be changed now
problem-not-returned-text = The reviewer did not return this answer; only what was returned can be changed.
problem-open-order = The sponsor has another filing under way
problem-open-order-text = There can be one at a time. Finish or give up the other one first.
problem-regulator = The regulator does not answer
problem-regulator-text = Nothing is lost. Try again in a few minutes.
problem-internal = Something went wrong here
problem-internal-text = Everything that you saved is safe. Try again later; if it stays like this, ask the provider.
problem-too-often = That was too often
problem-too-often-text = Try again in { $n } seconds.

## Help
help-title = Help
help-lead = What people ask about filing.
help-question-1 = Which websites must be filed?
help-answer-1 = Every website whose domain points to a server in mainland China. With a server elsewhere, or an unused domain, none is needed. Subdomains are covered by their domain.
help-question-2 = Must the domain be registered here?
help-answer-2 = No. Any approved registrar in China will do, once the real name is verified. You file where the server is.
help-question-3 = May the site be open meanwhile?
help-answer-3 = In a first filing it may not be reachable before the number is granted.
help-question-4 = Why am I not asked for the kind of filing?
help-answer-4 = We ask the regulator, and the records decide. A wrong choice would only come back.
help-question-5 = Why can I not choose the server I just bought?
help-answer-5 = It can be used at once. If not, “My resources” says which condition it does not meet.
help-question-6 = Why is my picture smaller now?
help-answer-6 = The regulator’s interface takes about 100 kB a picture. We keep the original and make a legible copy. Look at it after the upload; if it is not legible, cut off the margins and upload again.
help-question-7 = What if the SMS does not come?
help-answer-7 = The regulator sends it to the mobile phone of the person in charge. Look among the blocked messages, or have it sent again on the regulator’s site. After 24 hours the filing comes back and can be handed in again.
help-question-8 = Must I fill in everything again after a return?
help-answer-8 = No. Each answer has its reason; change what was returned and hand it in again.
help-question-9 = Who can see my certificates?
help-answer-9 = You, the provider’s reviewer and the regulator. They are encrypted in the database and in backups.

## Kinds of filing, records
order-state-second-review = Second review
order-state-expired = Expired
order-text-second-review = One reviewer has approved it. A second one has to approve it too.
order-text-expired = Nobody touched it for a long time, so it expired. All answers are kept, and you can take it up again.
order-text-done = The regulator has done what you asked for.
order-next-second-review = A decision, usually within 1 to 2 working days
order-next-expired = Take it up again, or give it up
order-resume = Take it up again
order-recall = Take it back to change it
order-record = About the record { $it }
stage-done = Done
timeline-endorsed = Approved by a first reviewer
timeline-recalled = Taken back to change it
timeline-done = Done by the regulator
timeline-expired = Expired
timeline-resumed = Taken up again
section-request = Your request
task-cancellation = Reason
step-cancellation = Why is it to be cancelled?
task-filing-password = Filing password
step-filing-password = What is the filing password?
step-filing-password-intro = The regulator gave it to the sponsor principal with the first number. We keep its digest only, and delete that once the regulator took it. If it is lost, recover it on the ministry’s site with the number and the certificate.
answer-cancellation-reason = Reason
answer-cancellation-remark = More about it
answer-filing-password = Filing password
home-records = My records
home-records-text = Websites that have their number. Change, cancel and supplement them here.
record-title = Record
record-number = Service number
record-sponsor-number = Sponsor number
record-as-of = As of
record-state-active = In force
record-state-access-ended = Not served here any more
record-state-cancelled = Cancelled
record-open-order = An order of this sponsor is open. Finish it or give it up before you begin something else:
record-change = Something has changed
record-supplement = The regulator wants a picture
record-cancel = It is not needed any more
record-begin = Begin: { $it }
record-others = Other services of this sponsor
record-kind-change-sponsor = The sponsor’s name, certificate, address, principal or telephone has changed.
record-kind-change-service = The site’s name, domain data, contents or principal has changed.
record-kind-change-access = The site moves to another server, or its address has changed.
record-kind-supplement-materials = Hand in pictures only; nothing else changes.
record-kind-cancel-service = This site ends. The sponsor and its other sites stay.
record-kind-cancel-sponsor = The sponsor and all its sites need no filing any more.
record-kind-cancel-access = The site has moved to another provider and keeps its number.
consequences-title = What follows
consequence-harmless = Unaffected
consequence-notable = Mind this
consequence-final = Cannot be undone
check-was = Was
review-second-reviewer = This kind wants two reviewers, and you have approved it once: another reviewer has to

## Authenticity
authenticity-title = Proof of identity
authenticity-lead = Before anything is handed in, the person in charge of the site proves to be who they say: by a face check, or by signing the verification form before a reviewer.
authenticity-of = Wanted of: { $it }
authenticity-proven = Proven; good until { $it }.
authenticity-under-way = The check has begun. The person finishes it on the vendor’s page, which then leads back here.
authenticity-go = Go to the check
authenticity-look-again = It is finished: show the result
authenticity-consent-text = The face is used only to see that the person is who they say, and is taken by the vendor. We keep the result and its reference, sealed with this order.
authenticity-consent = The person in charge consents to this
authenticity-consent-missing = The check begins once the person in charge has consented
authenticity-vendor-silent = The vendor does not answer right now. Try again later, or sign the form before a reviewer
authenticity-no-principal = State the name and certificate of the person in charge first
authenticity-begin = Begin the face check
authenticity-sign-title = No face check?
authenticity-sign-text = Bring the certificate and the verification form, and sign it before a reviewer of the provider, who notes it here.
authenticity-history = Checks so far
authenticity-task = Proof of who is in charge of the site
authenticity-attest-text = The person in charge has not proven who they are. If they signed the verification form before you, note it here.
authenticity-attest-remark = Remark (when and where)
authenticity-attest = Signed before me

## Forms and letters
forms-title = Forms and letters
forms-lead = Filled in with what you stated: print, sign, seal. What is not stated is left blank for the hand.
forms-needed = This order needs
forms-others = Other forms
forms-none = This order needs no signed form at present.
forms-missing-characters = The font lacks these characters: { $it }. Ask the provider to install fonts-noto-cjk, or write them by hand.
forms-too-long = One of the answers is too long for the form

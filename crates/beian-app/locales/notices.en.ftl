# Every text of the notices. The keys are those of notices.zh-CN.ftl: a subject, a body and an SMS each.
order-submitted-subject = Order { $order } was submitted
order-submitted-body =
    Your order { $order } was submitted. The provider reviews it within 1 to 2 working days and may call you.

    Please be reachable by telephone.
order-submitted-sms = Order { $order } was submitted for review. Please be reachable by telephone.

order-returned-subject = Order { $order } needs changes
order-returned-body =
    { $fields ->
        [one] Your order { $order } was returned by the provider’s review: one field is to be mended.
       *[other] Your order { $order } was returned by the provider’s review: { $fields } fields are to be mended.
    } Sign in to see the reason for each field, mend it and submit it again.
order-returned-sms = Order { $order } was returned. Sign in, mend it and submit it again.

order-delivered-subject = Order { $order } is with the regulator
order-delivered-body = Watch for an SMS and complete the SMS verification at https://beian.miit.gov.cn within { $hours } hours; then the regulator reviews order { $order }, which takes at most 20 working days.
order-delivered-sms = Order { $order } is with the regulator. Complete the SMS verification at beian.miit.gov.cn within { $hours } hours of its message.

order-delivered-review-subject = Order { $order } is with the regulator
order-delivered-review-body = The regulator reviews order { $order }, which takes at most 20 working days. No SMS verification is needed.
order-delivered-review-sms = Order { $order } is with the regulator.

order-sms-verification-due-subject = The SMS verification of order { $order } ends soon
order-sms-verification-due-body =
    If you have not completed the SMS verification of order { $order }, do so at https://beian.miit.gov.cn before { $until }, or the order is returned.

    Without an SMS, have it sent again there. If it is done already, there is nothing to do.
order-sms-verification-due-sms = If not done yet, complete the SMS verification of { $order } at beian.miit.gov.cn before { $until }.

order-refused-subject = Order { $order } was refused by the regulator
order-refused-body = The regulator refused your order { $order }. Sign in to see why, mend it and submit it again.
order-refused-sms = Order { $order } was refused by the regulator. Sign in to see why.

order-filed-subject = Filed as { $number }
order-filed-body =
    Your order { $order } is done: your service is filed as { $number }.

    Put the number at the foot of the home page, linked to https://beian.miit.gov.cn, and register with public security within 30 days.
order-filed-sms = Filed as { $number }. Put the number at the foot of the home page.

order-done-subject = Order { $order } is done: { $filing }
order-done-body = The regulator has done what you asked for with order { $order } ({ $filing }).
order-done-sms = Order { $order } is done: { $filing }.

order-waiting-subject = Order { $order } waits for you
order-waiting-body =
    { $days ->
        [one] Your order { $order } was not touched for a day.
       *[other] Your order { $order } was not touched for { $days } days.
    } Go on and submit it before { $expires }, or it expires. Your answers are kept.
order-waiting-sms = Order { $order } was not touched for { $days } days. Submit it before { $expires }, or it expires.

order-expired-subject = Order { $order } has expired
order-expired-body = Your order { $order } was not touched for { $days } days and has expired. All your answers are kept: sign in to take it up again and submit it.
order-expired-sms = Order { $order } has expired. Your answers are kept: sign in to take it up again.

record-cancelled-subject = The regulator has cancelled { $number }
record-cancelled-body = The record { $number } holds no longer and the service must go offline; file it anew if you need it.
record-cancelled-sms = The regulator has cancelled { $number }. The service must go offline.

record-certificate-expiring-subject = The sponsor’s certificate expires on { $day }
record-certificate-expiring-body =
    { $days ->
        [0] The certificate of the sponsor of { $number } expires today, { $day }.
        [one] The certificate of the sponsor of { $number } expires on { $day }, in one day.
       *[other] The certificate of the sponsor of { $number } expires on { $day }, in { $days } days.
    } When it is renewed, file the change of the sponsor; otherwise the record can be cancelled.
record-certificate-expiring-sms = The certificate of the sponsor of { $number } expires on { $day }. File the change when it is renewed.

record-server-expiring-subject = Server { $server } expires on { $day }
record-server-expiring-body =
    { $days ->
        [0] The server { $server } of { $number } expires today, { $day }.
        [one] The server { $server } of { $number } expires on { $day }, in one day.
       *[other] The server { $server } of { $number } expires on { $day }, in { $days } days.
    } Renew it or change the access: a record without a server loses its access, becomes a shell and is cancelled.
record-server-expiring-sms = Server { $server } of { $number } expires on { $day }. Renew it to keep the access.

record-domain-expiring-subject = Domain { $domain } expires on { $day }
record-domain-expiring-body =
    { $days ->
        [0] The domain { $domain } of { $number } expires today, { $day }.
        [one] The domain { $domain } of { $number } expires on { $day }, in one day.
       *[other] The domain { $domain } of { $number } expires on { $day }, in { $days } days.
    } Renew it: when somebody else registers it, the record can be cancelled.
record-domain-expiring-sms = Domain { $domain } of { $number } expires on { $day }. Renew it.

record-change-due-subject = The sponsor of { $number } must be changed before { $day }
record-change-due-body =
    { $days ->
        [0] The access of { $number } was added with the former certificate. The bureau wants the sponsor changed to the present one by today, { $day }.
        [one] The access of { $number } was added with the former certificate. The bureau wants the sponsor changed to the present one by { $day }, in one day.
       *[other] The access of { $number } was added with the former certificate. The bureau wants the sponsor changed to the present one by { $day }, in { $days } days.
    }
record-change-due-sms = Change the sponsor of { $number } to the present certificate before { $day }.

record-transfer-requested-subject = Somebody asks to take over the record { $number }
record-transfer-requested-body =
    Somebody asked for the record { $number } to be moved to another account, and proved control of it.

    If you do not want this, sign in and object before { $until }; without an objection it is moved then.
record-transfer-requested-sms = Somebody asks to take over { $number }. To object, sign in before { $until }.

regulator-overdue-subject = The regulator is overdue: { $order }
regulator-overdue-body = The regulator has had order { $order } for { $days } working days, longer than it may. Ask there, and tell the filer.
regulator-overdue-sms = Order { $order } has been with the regulator for { $days } working days, longer than it may.

account-role-changed-subject = Your account { $account }: { $change }
account-role-changed-body =
    The account { $account } was changed on { $at } by { $by }: { $change }.

    If you did not expect this, ask a security administrator.
account-role-changed-sms = Account { $account }: { $change }, by { $by }, { $at }.

account-second-factor-changed-subject = Second factor of { $account }: { $change }
account-second-factor-changed-body =
    The second factor of the account { $account } was changed on { $at } by { $by }: { $change }.

    If you know nothing of it, tell a security administrator at once, and set a new password.
account-second-factor-changed-sms = Second factor of { $account }: { $change }, by { $by }, { $at }. Not you? Tell a security administrator.

general-subject = { $subject }
general-body = { $body }
general-sms = { $subject }

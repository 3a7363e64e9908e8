# 通知的全部文字。每一种通知有标题（subject）、正文（body）和短信（sms）。
order-submitted-subject = 备案订单 { $order } 已提交初审
order-submitted-body =
    您的备案订单 { $order } 已提交，接入商将在 1 至 2 个工作日内完成初审，期间可能致电核实。

    请保持电话畅通。
order-submitted-sms = 备案订单 { $order } 已提交初审，请保持电话畅通。

order-returned-subject = 备案订单 { $order } 需要修改
order-returned-body = 初审退回了您的备案订单 { $order }，共 { $fields } 处需要修改。请登录查看每一处的原因，修改后重新提交。
order-returned-sms = 备案订单 { $order } 被初审退回，请登录修改后重新提交。

order-delivered-subject = 备案订单 { $order } 已提交管局
order-delivered-body = 请留意手机短信，并在 { $hours } 小时内到 https://beian.miit.gov.cn 完成短信核验；订单 { $order } 核验后由管局审核，不超过 20 个工作日。
order-delivered-sms = 备案订单 { $order } 已提交管局，收到短信后请在 { $hours } 小时内到 beian.miit.gov.cn 完成核验。

order-delivered-review-subject = 备案订单 { $order } 已提交管局
order-delivered-review-body = 订单 { $order } 由管局审核，不超过 20 个工作日；不需要短信核验。
order-delivered-review-sms = 备案订单 { $order } 已提交管局审核。

order-sms-verification-due-subject = 备案订单 { $order } 的短信核验即将到期
order-sms-verification-due-body =
    如果您还没有完成订单 { $order } 的短信核验，请在 { $until } 之前到 https://beian.miit.gov.cn 完成，逾期订单将被退回。

    没有收到短信的，可以在该网站重新获取。已经完成的，请忽略本通知。
order-sms-verification-due-sms = 备案订单 { $order } 如未完成短信核验，请在 { $until } 前到 beian.miit.gov.cn 完成，逾期将被退回。

order-refused-subject = 备案订单 { $order } 被管局退回
order-refused-body = 管局退回了您的备案订单 { $order }。请登录查看原因，修改后重新提交。
order-refused-sms = 备案订单 { $order } 被管局退回，请登录查看原因并修改。

order-filed-subject = 备案成功：{ $number }
order-filed-body =
    您的订单 { $order } 已办结，备案号为 { $number }。

    请把备案号放在首页底部并链接到 https://beian.miit.gov.cn ，并在 30 日内办理公安备案。
order-filed-sms = 备案成功，备案号 { $number }。请放在首页底部并链接到 beian.miit.gov.cn。

order-done-subject = 备案订单 { $order } 已完成：{ $filing }
order-done-body = 管局已按您的申请办结订单 { $order }（{ $filing }）。
order-done-sms = 备案订单 { $order } 已完成：{ $filing }。

order-waiting-subject = 备案订单 { $order } 等待您处理
order-waiting-body = 您的备案订单 { $order } 已有 { $days } 天没有更新。请在 { $expires } 之前继续填写并提交，否则订单将失效；填写的内容会保留。
order-waiting-sms = 备案订单 { $order } 已 { $days } 天未更新，请在 { $expires } 前提交，逾期失效。

order-expired-subject = 备案订单 { $order } 已失效
order-expired-body = 您的备案订单 { $order } 超过 { $days } 天没有更新，已失效。填写的内容都已保留，登录后可以恢复订单并重新提交。
order-expired-sms = 备案订单 { $order } 超过 { $days } 天未更新，已失效；内容已保留，登录后可恢复。

record-cancelled-subject = 备案 { $number } 已被管局注销
record-cancelled-body = 备案 { $number } 不再有效，网站须停止访问；需要继续使用的，请重新备案。
record-cancelled-sms = 备案 { $number } 已被管局注销，网站须停止访问。

record-certificate-expiring-subject = 主办者证件将于 { $day } 到期
record-certificate-expiring-body = 备案 { $number } 的主办者证件将于 { $day } 到期（还有 { $days } 天）。换发证件后，请办理变更主体；证件过期而不变更，备案可能被注销。
record-certificate-expiring-sms = 备案 { $number } 的主办者证件将于 { $day } 到期，换发后请变更备案。

record-server-expiring-subject = 服务器 { $server } 将于 { $day } 到期
record-server-expiring-body = 备案 { $number } 所用的服务器 { $server } 将于 { $day } 到期（还有 { $days } 天）。请续费，或变更接入；没有服务器的备案会被取消接入，成为空壳后被注销。
record-server-expiring-sms = 备案 { $number } 的服务器 { $server } 将于 { $day } 到期，请续费以免取消接入。

record-domain-expiring-subject = 域名 { $domain } 将于 { $day } 到期
record-domain-expiring-body = 备案 { $number } 的域名 { $domain } 将于 { $day } 到期（还有 { $days } 天）。请续费；域名被他人注册后，备案可能被注销。
record-domain-expiring-sms = 备案 { $number } 的域名 { $domain } 将于 { $day } 到期，请续费。

record-change-due-subject = 备案 { $number } 须在 { $day } 前变更主体
record-change-due-body = 备案 { $number } 以原证件号码接入。按当地管局的要求，请在 { $day } 之前（还有 { $days } 天）把主体变更为现证件。
record-change-due-sms = 备案 { $number } 须在 { $day } 前变更主体为现证件。

record-transfer-requested-subject = 有人申请把备案 { $number } 转到另一个账号
record-transfer-requested-body =
    有人申请把备案 { $number } 转到另一个账号，并证明了对它的控制。

    如果这不是您的意愿，请在 { $until } 之前登录并提出异议；没有异议的，届时转移。
record-transfer-requested-sms = 有人申请转移备案 { $number }，如有异议请在 { $until } 前登录提出。

regulator-overdue-subject = 管局审核超时：{ $order }
regulator-overdue-body = 订单 { $order } 提交管局已 { $days } 个工作日，超过规定的时限。请与管局联系，并告知备案人。
regulator-overdue-sms = 订单 { $order } 在管局已 { $days } 个工作日，超过时限。

account-role-changed-subject = 账号 { $account }：{ $change }
account-role-changed-body =
    { $by } 于 { $at } 变更了账号 { $account }：{ $change }。

    如果与您所知不符，请询问安全管理员。
account-role-changed-sms = 账号 { $account }：{ $change }，由 { $by } 于 { $at } 操作。

account-second-factor-changed-subject = 账号 { $account } 的双因素认证：{ $change }
account-second-factor-changed-body =
    { $by } 于 { $at } 变更了账号 { $account } 的双因素认证：{ $change }。

    如果不是您本人的操作或要求，请立即告知安全管理员，并更换密码。
account-second-factor-changed-sms = 账号 { $account } 的双因素认证：{ $change }，由 { $by } 于 { $at } 操作。如有疑问请告知安全管理员。

general-subject = { $subject }
general-body = { $body }
general-sms = { $subject }

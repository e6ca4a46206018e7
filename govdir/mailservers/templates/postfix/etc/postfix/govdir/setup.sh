#!/bin/sh
# Makes this Postfix ask govdir: `sh /etc/postfix/govdir/setup.sh`, as root, as often as you like.
# It changes the settings named here and no others. Postfix must be 3.4 or newer, with postfix-ldap.
set -eu
: "${MAIL_CONFIG:=/etc/postfix}"
export MAIL_CONFIG

# Where Dovecot is: its sockets on this host. If it is on another, run this with all three set:
# DOVECOT_LMTP=inet:imap.<< domain >>:24 DOVECOT_AUTH=inet:imap.<< domain >>:12345
# DOVECOT_QUOTA=inet:imap.<< domain >>:12340; nothing after DOVECOT_QUOTA= means: do not ask about room.
: "${DOVECOT_LMTP:=unix:private/dovecot-lmtp}" "${DOVECOT_AUTH:=private/auth}"
: "${DOVECOT_QUOTA=unix:private/quota-status}"

# The maps hold a password: root, and Postfix's own processes.
chown root:postfix /etc/postfix/govdir/*.cf
chmod 640 /etc/postfix/govdir/*.cf

map() { echo "proxy:ldap:/etc/postfix/govdir/$1.cf"; } # proxy: few connections, and smtpd may stay in its chroot

# ---- Where mail goes
# Our domains are virtual ones; none of them may stand in mydestination besides.
postconf -e 'mydestination = $myhostname, localhost.$mydomain, localhost'
# Mail of this host's own accounts (cron to root) stays here: Debian's /etc/mailname is often the mail domain,
# in which nobody is called root.
postconf -e 'myorigin = $myhostname'
<% if sub_domains %>
# Bodies have domains of their own, which come and go: they are looked up.
postconf -e "virtual_mailbox_domains = << domains|join(', ') >>, $(map domains)"
<% else %>
# The domains there are, in words: looked up in the directory (govdir/domains.cf), mail to and from everywhere
# would have to wait for it. After `govdir domain add` write this file anew, and run it.
postconf -e 'virtual_mailbox_domains = << domains|join(', ') >>'
<% endif %>
postconf -e "virtual_mailbox_maps = $(map mailboxes)"
postconf -e "virtual_alias_maps = $(map aliases), $(map lists)"
postconf -e 'virtual_alias_domains ='
postconf -e "virtual_transport = lmtp:$DOVECOT_LMTP"
# "+" may part an address from a remark (nvminh+hop@); "." is part of addresses.
postconf -e 'recipient_delimiter = +'
# Tells senders of mail to an old address that receives no more where its holder went. Your choice:
# postconf -e "relocated_maps = $(map relocated)"

# ---- Limits
# A list may reach everybody; there were << people >> mailboxes when this was written.
postconf -e 'virtual_alias_expansion_limit = << [50000, 2 * people]|max >>'
# The largest message that any mailbox may send or take<% if policy %>; govdir holds each to its own limit<% endif %>.
postconf -e 'message_size_limit = << message_bytes >>'
postconf -e 'mailbox_size_limit = 0' 'virtual_mailbox_limit = 0'

# ---- What is refused
postconf -e 'disable_vrfy_command = yes'
postconf -e 'smtpd_reject_unlisted_recipient = yes'
# Addresses within addresses (an%here.vn@mx) would be taken from anybody, and come back later.
postconf -e 'allow_percent_hack = no' 'swap_bangpath = no' 'resolve_dequoted_address = no'
heard='check_recipient_access regexp:/etc/postfix/govdir/unheard.regexp, reject_unlisted_recipient'
# From outside nobody uses an address of ours. Hosts in mynetworks may.
ours='check_sender_access regexp:/etc/postfix/govdir/outside.regexp'
<% if sub_domains %>
ours="$ours, check_sender_access $(map outside)"
<% endif %>
postconf -e "smtpd_sender_restrictions = permit_mynetworks, $ours"
postconf -e 'smtpd_relay_restrictions = permit_mynetworks, permit_sasl_authenticated, reject_unauth_destination'
# Dovecot says whether a mailbox has room for a message before it is taken; later it could only be returned.
# While Dovecot is away, mail is taken all the same, and waits.
fits=
test -z "$DOVECOT_QUOTA" || fits=", check_policy_service { $DOVECOT_QUOTA, timeout=5s, default_action=DUNNO }"
<% if policy %>
# Who may send, as whom, to which lists, how much: govdir decides, by the regulation. Without an answer the
# client is asked to try again.
wait='{ default_action = 451 4.3.5 The directory is away }'
# Mail programs are not let in while the directory is away: Postfix would tell them that the password is wrong.
shut='{ default_action = 421 4.3.2 The directory is away, try again later }'
<% if further_policies %>
# A node that does not answer is passed over: the next one's answer is asked in its place.
classes=$(postconf -h smtpd_restriction_classes | tr -s ', ' '\n\n' | grep -v '^govdir_' | tr '\n' ' ')
<% for place in further_policies|reverse %>
<% set node = loop.revindex + 1 %>
postconf -e "govdir_wait_<< node >> = check_policy_service { inet:<< place >>, timeout=10s, $wait }"
postconf -e "govdir_shut_<< node >> = check_policy_service { inet:<< place >>, timeout=10s, $shut }"
classes="$classes govdir_wait_<< node >> govdir_shut_<< node >>"
wait='try_limit=1, default_action=govdir_wait_<< node >>' shut='try_limit=1, default_action=govdir_shut_<< node >>'
<% endfor %>
postconf -e "smtpd_restriction_classes = $classes"
<% endif %>
ask='check_policy_service { inet:<< policy >>, timeout=10s,'
postconf -e "smtpd_recipient_restrictions = $heard, $ask $wait }$fits"
postconf -e "smtpd_end_of_data_restrictions = $ask $wait }"
postconf -e "govdir_is_there = $ask $shut }"
<% else %>
postconf -e "smtpd_recipient_restrictions = $heard$fits" 'smtpd_end_of_data_restrictions ='
postconf -e 'govdir_is_there ='

# govdir's policy service is off ([listen] policy in govdir.toml): anybody may send to lists, and what
# people send is held to one size for all.
<% endif %>

# ---- Handing in mail with a login: port 587 after STARTTLS, 465 with TLS from the first byte
postconf -e 'smtpd_sasl_type = dovecot' "smtpd_sasl_path = $DOVECOT_AUTH"
postconf -e 'smtpd_sasl_security_options = noanonymous'
postconf -e 'smtpd_tls_auth_only = yes'
postconf -e "smtpd_sender_login_maps = $(map senders)"
for service in submission submissions; do
  postconf -M "$service/inet=$service inet n - y - - smtpd"
  postconf -P "$service/inet/syslog_name=postfix/$service" \
    "$service/inet/smtpd_sasl_auth_enable=yes" \
    "$service/inet/smtpd_delay_reject=no" \
    "$service/inet/smtpd_client_restrictions=\$govdir_is_there" \
    "$service/inet/smtpd_sender_restrictions=reject_sender_login_mismatch" \
    "$service/inet/smtpd_relay_restrictions=permit_sasl_authenticated,reject"
done
postconf -P 'submission/inet/smtpd_tls_security_level=encrypt' 'submissions/inet/smtpd_tls_wrappermode=yes'

echo 'Done. Now: postfix check && postfix reload'

#!/bin/sh
# Dovecot calls this with a percentage and a user name when more than that is full. The letter comes in whatever the
# quota says.
percent=$1
user=$2
exec /usr/lib/dovecot/dovecot-lda -c /etc/dovecot/dovecot.conf -d "$user" -e \
  -o "plugin/quota=count:User quota:noenforcing:ns=" << '<<' >>END
From: <postmaster@<< domain >>>
To: <$user>
Subject: =?UTF-8?B?SOG7mXAgdGjGsCBz4bqvcCDEkeG6p3kgLyBNYWlsYm94IG5lYXJseSBmdWxs?=
Date: $(LC_ALL=C date '+%a, %d %b %Y %H:%M:%S %z')
Auto-Submitted: auto-generated
MIME-Version: 1.0
Content-Type: text/plain; charset=UTF-8
Content-Transfer-Encoding: 8bit

Hộp thư $user đã dùng hơn $percent% dung lượng được cấp<< ' (' ~ quota_warning_place ~ ')' if quota_warning_place >>.
Khi đầy, hộp thư không nhận thêm thư. Xin chuyển thư cũ đi nơi khác hoặc xóa thư không còn cần.

The mailbox $user is more than $percent% full. A full mailbox takes no more mail: please move old mail
elsewhere, or delete what is not needed.
END

"""Words that guessing programs try first, folded to a–z and 0–9: worldwide ones and Vietnamese ones.

Compared with a candidate's letters alone, so that "Matkhau@123" meets "matkhau". The worldwide words were
written down for this program from what every guide to passwords warns of; no list of leaked passwords was
copied. Their licence is the program's.
"""

from __future__ import annotations

from typing import Final

from govdir.policy.vietnamese_passwords import VIETNAMESE_PASSWORDS

_WORLDWIDE = """
a aa aaa aaaa aaaaaa abc abcd abcde abcdef abcabc abc123 abcd1234 access admin admin123 administrator angel
asd asdf asdfgh asdfghjkl asdasd asdqwe azerty baseball batman bailey changeme charlie computer default
demo dragon football freedom guest hello hunter iloveyou internet jesus jordan killer letmein liverpool login
lovely loveme master michael monkey mustang myspace ninja nothing office oracle pass passw passwd password
passwordpassword passpass p pokemon princess public qaz qazwsx qazxsw qwe qweasd qweasdzxc qwer qwert qwerty
qwertyu qwertyuiop qwertyqwerty qweqwe root secret server shadow soccer star starwars summer sunshine superman
support system temp temppass test tester testing testtest trustno trustnoone user welcome whatever winter
window windows x xx xxx xyz zaq zaqxsw zxc zxcv zxcvbn zxcvbnm
0000 00000 000000 0000000 00000000 1111 11111 111111 1111111 11111111 1212 121212 12121212 112233 11223344
123 1234 12345 123456 1234567 12345678 123456789 1234567890 0123456789 0987654321 987654321 87654321 654321
123123 123123123 123321 147258 147258369 159753 222222 22222222 333333 555555 666666 66666666 777777 888888
88888888 987654 999999 99999999 a123456 a1234567 a12345678 aa123456 aa123456789 1q2w3e 1q2w3e4r 1q2w3e4r5t
1qaz2wsx q1w2e3r4 1qazxsw2 zaq12wsx 123qwe 123qweasd qwe123 asd123 abc12345 abc123456 123abc 123456a 123456aa
12345678a test123 user123 root123 pass123 pass1234 password1 password12 password123 qwerty1 qwerty12 qwerty123
""".split()  # noqa: SIM905 (a list of this length reads better as text)

COMMON_PASSWORDS: Final = frozenset(_WORLDWIDE) | VIETNAMESE_PASSWORDS

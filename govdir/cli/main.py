"""The `govdir` command: its nouns, and the one place where an error becomes an exit status."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Any

import click

from govdir.cli.command import Group, Verb, version_option
from govdir.cli.language import foresee_language, forget_language, say
from govdir.cli.outcome import ExitStatus, explain
from govdir.policy.texts import Wording

_BUG = Wording(
    "Đây là lỗi của chương trình; xin gửi phần trên cho người phát triển.",
    "This is a fault of the program; please send its developers the text above.",
)

_VERBS = {
    "init": Verb(
        "govdir.cli.init:init",
        Wording("Tạo danh bạ mới cho một tỉnh, thành phố.", "Make a new directory for a province."),
    ),
    "serve": Verb("govdir.cli.serve:serve", Wording("Chạy máy chủ LDAP.", "Run the LDAP server.")),
    "doctor": Verb(
        "govdir.cli.doctor:doctor",
        Wording(
            "Kiểm tra dữ liệu, khóa, chứng thư và cấu hình.", "Check data, keys, certificates and settings."
        ),
    ),
    "import": Verb(
        "govdir.cli.import_:import_",
        Wording(
            "Nhập tệp LDIF, hoặc danh sách người dùng XLSX, CSV.",
            "Bring in LDIF files, or lists of people in XLSX or CSV.",
        ),
    ),
    "export": Verb(
        "govdir.cli.export:export", Wording("Xuất danh bạ ra LDIF.", "Write the directory out as LDIF.")
    ),
    "mailbox": Verb(
        "govdir.cli.mailbox:mailbox",
        Wording("Hộp thư của cá nhân và của cơ quan, đơn vị.", "Mailboxes of people, agencies and units."),
    ),
    "org": Verb(
        "govdir.cli.org:org",
        Wording("Cơ quan, đơn vị và người quản trị.", "Agencies and units, and who administers them."),
    ),
    "domain": Verb("govdir.cli.domain:domain", Wording("Tên miền thư.", "Mail domains.")),
    "list": Verb("govdir.cli.list_:list_", Wording("Danh sách gửi thư.", "Mailing lists.")),
    "lifecycle": Verb(
        "govdir.cli.lifecycle:lifecycle",
        Wording("Việc đến hạn của hộp thư.", "What is due for mailboxes."),
    ),
    "admin": Verb(
        "govdir.cli.admin:admin", Wording("Ai được làm gì với danh bạ.", "Who may do what in the directory.")
    ),
    "service": Verb(
        "govdir.cli.service:service",
        Wording("Tài khoản của máy chủ thư và ứng dụng.", "Accounts of mail servers and applications."),
    ),
    "policy": Verb(
        "govdir.cli.policy:policy",
        Wording("Thư nào được gửi, theo quy định nào.", "Which messages may be sent, and by which rule."),
    ),
    "sp": Verb(
        "govdir.cli.sp:sp",
        Wording("Ứng dụng đăng nhập bằng tài khoản thư.", "Applications people sign in to (SAML)."),
    ),
    "idp": Verb(
        "govdir.cli.idp:idp",
        Wording("Khóa và siêu dữ liệu SAML.", "The sign-in site's SAML keys and metadata."),
    ),
    "session": Verb(
        "govdir.cli.session:session",
        Wording("Ai đang đăng nhập ở trang web.", "Who is signed in at the web site."),
    ),
    "sign-ins": Verb("govdir.cli.sign_ins:sign_ins", Wording("Nhật ký đăng nhập.", "The trail of sign-ins.")),
    "address": Verb(
        "govdir.cli.address:address",
        Wording("Địa chỉ thư theo quy chế.", "What address the regulation gives."),
    ),
    "password": Verb(
        "govdir.cli.password:password",
        Wording("Mật mã có đạt quy chế không.", "Whether a password meets the regulation."),
    ),
    "demo": Verb("govdir.cli.demo:demo", Wording("Chạy bản trình diễn.", "Run the demonstration.")),
}


class Program(Group):
    """The root command; whatever happens below it ends here."""

    def main(self, args: Sequence[str] | None = None, *_: Any, **extra: Any) -> Any:
        """Runs a command line and exits with its status."""
        extra["standalone_mode"] = False
        sys.exit(self._run(args, extra))

    def _run(self, args: Sequence[str] | None, extra: dict[str, Any]) -> int:
        forget_language()
        foresee_language(sys.argv[1:] if args is None else args)
        try:
            status = super().main(args, **extra)
        except (click.Abort, KeyboardInterrupt):
            return ExitStatus.INTERRUPTED
        except BrokenPipeError:
            # The reader (head, less) has left; nothing more can be said, not even by the closing flush.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return ExitStatus.DONE
        except Exception as error:
            ending = explain(error)
            if ending is None:
                sys.excepthook(*sys.exc_info())
                click.echo(say(_BUG), err=True)
                return ExitStatus.ENVIRONMENT
            for line in ending.lines:
                click.echo(line, err=True)
            return ending.status
        return status if isinstance(status, int) else ExitStatus.DONE


cli = Program(
    "govdir",
    Wording("govdir: danh bạ thư điện tử của tỉnh, thành phố.", "govdir: a province's mail directory."),
    ("govdir init ./home --province cantho", "govdir serve ./home"),
    _VERBS,
    params=[version_option()],
)


def main() -> None:
    """The console script."""
    cli.main(prog_name="govdir")


if __name__ == "__main__":
    main()

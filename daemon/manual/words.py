"""What the manual says beyond the command line's own words."""

from typing import Final

DESCRIPTION: Final = (
    """sunline is the line daemon of a solar-panel factory: scanners and an IV tester in, durable panel records out. One
    daemon runs each line of four stations, as the service `sunline@N`. Every other command talks to it over its
    control socket, as the person whose login it is, and says what came of it: in words for people, with --json in
    JSON for programs.""",
    "What a command answers is on the disk. A command that is refused changes nothing, and says what to do instead.",
    """Where several lines run on one computer, --line says which is meant. People who are to talk to a line are in the
    group `sunline`.""",
)

FILES: Final = (
    ("/etc/sunline/lineN.toml", "What line N is: its stations, scanners, ports, tester, store and central server."),
    ("/etc/sunline/stick.toml", "On the central server's computer, where no line runs: what a plugged stick gets."),
    ("/etc/credstore/sunlineN.dsn", "Address of the central server with its password, for line N. Only root reads it."),
    ("/etc/credstore/sunlineN.redis", "Password of the Redis beside the central server, for line N."),
    ("/var/lib/sunline/lineN/line.db", "The records of line N. Never copied while the line runs: sunline export."),
    (
        "/var/lib/sunline/lineN/line.db.bindings.toml",
        "Ports given by sunline device bind, or by scanning a binding sheet. They win over the line's file.",
    ),
    (
        "/var/lib/sunline/lineN/line.db.profiles.toml",
        "How scanners end their codes, found by sunline device test. It wins over the line's file.",
    ),
    (
        "/var/lib/sunline/lineN/line.db.before-VERSION",
        "The records as they were before a newer program changed their schema.",
    ),
    ("/run/sunline/lineN.sock", "Control socket of line N: there while its daemon runs."),
    ("/opt/sunline/", "The program as its package installs it, a folder a version; `current` is the one that runs."),
    ("/dev/sunline/", "The serial ports under names that survive a reboot."),
)

ENVIRONMENT: Final = (
    ("SUNLINE_LINE", "Number of the line that is meant, where --line is not given."),
    ("SUNLINE_SOCKET", "Control socket of the line that is meant, where neither --socket nor --line is given."),
    (
        "SUNLINE_SECTION__KEY",
        """For sunline run and check-config: wins over a key of the line's file, as SUNLINE_STORE__WARN_FREE_MB=4096. A
        name that means nothing is refused.""",
    ),
    ("CREDENTIALS_DIRECTORY", "The folder that %d means in the line's file. The service manager sets it."),
    ("COLUMNS", "How wide tables are, where the output is not a terminal."),
    ("NO_COLOR", "Where it is set, nothing is coloured."),
)

EXAMPLES: Final = (
    ("How is the line?", ("sunline status",)),
    ("What is wrong with this PC and its lines, and what is to be done?", ("sunline doctor",)),
    ("What became of a panel, from its first scan on?", ("sunline panel show CRS25WT6000001",)),
    ("Open an order:", ("sunline order create MO-1001 --panel-type 60 --quantity 250 --watt-class-w 325",)),
    ("A screen at station 4:", ("sunline station 4",)),
    ("Enter a scan where the scanner is dead:", ("sunline scan 2 CRS25WT6000001",)),
    ("Let somebody work here, and print the badge:", ("sunline user add ada --role operator --badge --pdf ada.pdf",)),
    ("Print the command codes of the stations:", ("sunline sheet 1 2 3 4 --pdf sheets.pdf",)),
    (
        "What is plugged in, what is wrong with a device, and what does it say?",
        ("sunline device list", "sunline device doctor scan-3", "sunline device monitor scan-3"),
    ),
    ("Name every fault of a line's file at once:", ("sunline check-config /etc/sunline/line1.toml",)),
    (
        "Take a month's data away, and prove that it is whole:",
        (
            "sunline export --from 2026-11-01 --to 2026-11-30 --out .",
            "sunline export verify sunline-P1-line1-2026-11-01_2026-11-30",
        ),
    ),
    ("Is the central server connected, or since when not?", ("sunline sync status --line 1",)),
    ("The active orders, for a program:", ("sunline order list --status active --json",)),
)

SEE_ALSO: Final = ("sunline-usb(1)", "systemctl(1)", "journalctl(1)", "systemd.exec(5)", "age(1)")

SERVICE: Final = (
    ("systemctl enable --now sunline@1", "Start line 1, now and at each boot."),
    ("systemctl status sunline@1", "Say in a sentence how the line is."),
    ("systemctl reload sunline@1", "Take over a changed file."),
    ("journalctl -u sunline@1", "What happened."),
)

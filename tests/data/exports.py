"""Small files as people export them from shops, CRMs, spreadsheets, mail tools, analytics, banks and ERPs."""

import gzip
from dataclasses import dataclass


@dataclass(frozen=True)
class Export:
    """A file: what it is, its text, its mapping, and what a load makes of it.

    `kinds` are the types of its columns in their order; DECIMAL stands for one of any size.
    """

    what: str
    text: str
    loaded: int
    kinds: str
    refused: int = 0
    names: tuple[str, ...] = ()
    of_events: bool = False
    encoding: str = "utf-8"
    packed: bool = False

    @property
    def content(self) -> bytes:
        content = self.text.encode(self.encoding)
        return gzip.compress(content, mtime=0) if self.packed else content


def rows(template: str, count: int = 30) -> str:
    """The template once for each number from 1; `{n}` is the number, `{d:02}` a day, `{w}` a word."""
    words = ["Ann", "Bo", "Cy", "Di"]
    return "".join(
        template.format(n=n, d=n % 28 + 1, m=n % 12 + 1, w=words[n % 4]) for n in range(1, count + 1)
    )


USERS = [
    Export(
        "A shop's customers: ids behind an apostrophe are text, totals are plain, notes hold line breaks.",
        "Customer ID,First Name,Email,Accepts Marketing,Total Spent,Total Orders,Note,Tags\n"
        + rows(
            '\'70{n:02},{w},c{n}@example.com,false,{n}.50,{n},"Ring twice\nthen wait, please","vip, new"\n'
        ),
        30,
        "VARCHAR VARCHAR VARCHAR BOOLEAN DECIMAL INTEGER VARCHAR VARCHAR",
        names=("users.user_id=Customer ID",),
    ),
    Export(
        "A shop plug-in's customers: every value in quotes, times without a zone, empty last cells.",
        '"user_id","username","date_registered","orders","total_spend","postcode"\n'
        + rows('"{n}","{w}{n}","2026-01-{d:02} 10:{d:02}:00","{n}","{n}.25","0{n:04}"\n'),
        30,
        "INTEGER VARCHAR TIMESTAMP INTEGER DECIMAL VARCHAR",
    ),
    Export(
        "A big shop system's customers with a header of spaced names and an address over three lines.",
        "ID,Name,Email,Group,Billing Address,Customer Since\n"
        + rows('{n},{w},m{n}@example.com,General,"{n} Main St\nSpringfield, IL\nUSA",2026-{m:02}-{d:02}\n'),
        30,
        "INTEGER VARCHAR VARCHAR VARCHAR VARCHAR DATE",
        names=("users.user_id=ID",),
    ),
    Export(
        "A CRM's contacts: ids of 18 letters and digits, ISO times with zone, a count of employees.",
        '"Contact ID","Lead Source","Created","Employees","Email Opt Out"\n'
        + rows('"0035e00000Ab{n:02}xQAC","Web","2026-01-{d:02}T09:00:00.000+0000","{n}","false"\n'),
        30,
        "VARCHAR VARCHAR TIMESTAMP INTEGER BOOLEAN",
        names=("users.user_id=Contact ID",),
    ),
    Export(
        "A CRM's report with a title and filter above the header and totals below the rows.",
        "Active contacts\nFiltered by: Owner = Me\n\nuser_id,Owner,Deals,Amount\n"
        + rows("{n},{w},{n},{n}.75\n")
        + "Total,,465,487.50\nCopyright 2026 Example Inc.,,,\n",
        30,
        "INTEGER VARCHAR INTEGER DECIMAL",
        refused=2,
    ),
    Export(
        "A second CRM's contacts: long record ids, lifecycle stages, some rows without an id.",
        "Record ID,Lifecycle Stage,Last Activity Date,Number of Page Views\n"
        + rows("{n}51000000{n:02},lead,2026-02-{d:02} 08:15,{n}\n")
        + ",customer,2026-02-01 08:15,3\n",
        30,
        "BIGINT VARCHAR TIMESTAMP INTEGER",
        refused=1,
        names=("users.user_id=Record ID",),
    ),
    Export(
        "A German spreadsheet for Excel: sep=;, Windows-1252, decimal commas, days first, a sum below.",
        "sep=;\r\nuser_id;Größe;Umsatz;Seit\r\n"
        + rows("{n};M;1.{n:03},50;{d:02}.{m:02}.2025\r\n")
        + "Summe;;31.465,00;\r\n",
        30,
        "INTEGER VARCHAR DECIMAL DATE",
        refused=1,
        encoding="cp1252",
    ),
    Export(
        "A French spreadsheet: UTF-8 with its mark, semicolons, a delimiter after each line.",
        "\ufeffuser_id;Prénom;Montant;\n" + rows("{n};Zoé;{n},5;\n"),
        30,
        "INTEGER VARCHAR DECIMAL",
    ),
    Export(
        "A Swiss spreadsheet saved as Unicode text: UTF-16 and tabs.",
        "user_id\tOrt\tPunkte\r\n" + rows("{n}\tZürich\t{n}\r\n"),
        30,
        "INTEGER VARCHAR INTEGER",
        encoding="utf-16",
    ),
    Export(
        "An American spreadsheet: month first, line breaks in the names of columns, blank lines at the end.",
        'user_id,"Sign-up\nDate","Balance\n(USD)"\n' + rows("{n},{m}/{d}/2025,{n}.00\n") + "\n\n\n",
        30,
        "INTEGER DATE DECIMAL",
    ),
    Export(
        "A Brazilian spreadsheet: thousands by points, capitals in the header, one row cut short.",
        "USER_ID;NOME;VALOR\n" + rows("{n};João;{n}.000,10\n") + "31;Caio\n",
        30,
        "INTEGER VARCHAR DECIMAL",
        refused=1,
    ),
    Export(
        "A mail tool's audience: addresses as ids, star ratings, two addresses in one spelling twice.",
        "Email Address,First Name,MEMBER_RATING,OPTIN_TIME,LEID\n"
        + rows("a{n}@example.com,{w},{m},2026-03-{d:02} 07:00:00,{n}\n")
        + "a1@example.com,Ann,2,2026-03-02 07:00:00,99\n",
        30,
        "VARCHAR VARCHAR INTEGER TIMESTAMP INTEGER",
        refused=1,
        names=("users.user_id=Email Address",),
    ),
    Export(
        "A second mail tool's profiles, two files put together: the header again after a byte order mark.",
        "\ufeffuser_id,consent,first_active\n"
        + rows("p{n},SUBSCRIBED,2026-04-{d:02}\n", 15)
        + "\ufeffuser_id,consent,first_active\n"
        + rows("q{n},NEVER,2026-04-{d:02}\n", 15),
        30,
        "VARCHAR VARCHAR DATE",
        refused=1,
    ),
    Export(
        "A newsletter's list typed by hand: a stray quote opens a nickname and never closes.",
        "user_id,nick,points\n"
        + rows("{n},{w},{n}\n", 20)
        + '21,"The Boss,21\n'
        + rows("10{n},{w},{n}\n", 20),
        40,
        "INTEGER VARCHAR INTEGER",
        refused=1,
    ),
    Export(
        "A hardware dealer's customers: inches in unquoted cells, bars between them.",
        "user_id|last item|size\n" + rows('{n}|5" pipe, 6" bend|{n}.5\n'),
        30,
        "INTEGER VARCHAR DECIMAL",
    ),
    Export(
        "A database's dump by its client: single quotes, and the count of rows below.",
        "'user_id';'name';'active'\n" + rows("'{n}';'O''Neil';'true'\n") + "'(30 rows)';'';''\n",
        30,
        "INTEGER VARCHAR BOOLEAN",
        refused=1,
    ),
]

EVENTS = [
    Export(
        "A shop's orders: one line per order, its number with a mark, times with an offset.",
        "Name,Customer,Created at,Financial Status,Total\n"
        + rows("#10{n:02},{n},2026-05-{d:02} 10:00:00 +0200,paid,{n}.90\n"),
        30, "INTEGER ENUM TIMESTAMP VARCHAR DECIMAL", of_events=True,
        names=("events.user_id=Customer", "event_name=Financial Status", "timestamp=Created at"),
    ),
    Export(
        "A second shop's orders: items in quotes with doubled quotes, one order of somebody unknown.",
        "order_id,user_id,event_name,timestamp,items\n"
        + rows('{n},{n},completed,2026-05-{d:02} 11:30:00,"1 x ""Mug, blue"""\n')
        + "31,999,completed,2026-05-01,x\n",
        30, "INTEGER ENUM TIMESTAMP INTEGER VARCHAR", refused=1, of_events=True,
    ),
    Export(
        "Web analytics, tracked calls: times in milliseconds of ISO, a path, a gzip file.",
        "messageId,userId,event,timestamp,path\n"
        + rows("m-{n},{n},Page Viewed,2026-06-{d:02}T12:00:00.123Z,/p/{n}?a=1\n"),
        30, "INTEGER ENUM TIMESTAMP VARCHAR VARCHAR", of_events=True, packed=True,
        names=("events.user_id=userId", "event_name=event"),
    ),
    Export(
        "Web analytics by tag: seconds since 1970, tabs, the engagement in milliseconds.",
        "event_timestamp\tevent_name\tuser_id\tengagement_ms\n"
        + rows("17800000{n:02}\tsession_start\t{n}\t{n}000\n"),
        30, "INTEGER ENUM TIMESTAMP INTEGER", of_events=True, names=("timestamp=event_timestamp",),
    ),
    Export(
        "Product analytics: JSON in a cell, UUIDs, times to the microsecond.",
        "event_time,user_id,event_type,uuid,event_properties\n"
        + rows(
            "2026-06-{d:02} 12:00:00.000123,{n},Button Clicked,"
            '3f2b0c1e-0000-4000-8000-0000000000{n:02},"{{""a"": {n}, ""b"": ""x""}}"\n'
        ),
        30, "INTEGER ENUM TIMESTAMP VARCHAR VARCHAR", of_events=True,
        names=("event_name=event_type", "timestamp=event_time"),
    ),
    Export(
        "A bank's bookings: a German title above the header, days first, signed decimal commas, a sum below.",
        "Umsätze Girokonto;;;\n;;;\nKunde;Buchungstext;Buchungstag;Betrag\n"
        + rows("{n};Lastschrift;{d:02}.06.2026;-{n},99\n") + "Summe;;;-494,70\n",
        30, "INTEGER ENUM TIMESTAMP DECIMAL", refused=1, of_events=True,
        names=("events.user_id=Kunde", "event_name=Buchungstext", "timestamp=Buchungstag"),
    ),
    Export(
        "An ERP's postings: bars, codes with leading zeros, one posting without a date.",
        "DOC_NO|user_id|event_name|timestamp|PLANT\n" + rows("{n:010}|{n}|GOODS ISSUE|2026-07-{d:02}|0010\n")
        + "0000000031|1|GOODS ISSUE||0010\n",
        30, "INTEGER ENUM TIMESTAMP VARCHAR VARCHAR", refused=1, of_events=True,
    ),
    Export(
        "A help desk's tickets: comments over many lines with lists, in a column between others.",
        "user_id,event_name,comment,timestamp\n"
        + rows('{n},ticket,"Hello,\n\n- item {n}, twice\n- item, again\nRegards",2026-08-{d:02} 09:00\n'),
        30, "INTEGER ENUM TIMESTAMP VARCHAR", of_events=True,
    ),
    Export(
        "A cash register's journal: two stray quotes a hundred lines apart would pair up.",
        "user_id,event_name,timestamp,item\n"
        + rows("{n},sale,2026-09-{d:02} 08:00:00,mug\n") + '1,sale,2026-09-01 08:00:00,"mug\n'
        + rows("{n},sale,2026-09-{d:02} 08:00:00,cup\n") * 4 + '2,sale,2026-09-01 08:00:00,mug"\n',
        151, "INTEGER ENUM TIMESTAMP VARCHAR", refused=1, of_events=True,
    ),
]  # fmt: skip

EXPORTS = [*USERS, *EVENTS]

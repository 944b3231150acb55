"""Three data sets of other people: other headers, languages, formats and extra columns, always the same.

python -m tests.data.foreign FOLDER
"""

import gzip
import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from random import Random
from uuid import UUID

import pyarrow as pa
import pyarrow.parquet as pq

END = datetime(2026, 11, 20, 18, 30)


@dataclass(frozen=True)
class Files:
    users: Path
    events: Path


def shop(folder: Path, seed: int = 1) -> Files:
    """A German shop: semicolons, Windows-1252, 1.234,56 and 31.12.2026."""
    random = Random(seed)
    towns = ["München", "Köln", "Düsseldorf", "Berlin", "Saarbrücken"]
    kinds = ["Bestellung", "Rückgabe", "Warenkorb", "Anmeldung"]
    people = ["Kundennr;Vorname;Wohnort;Umsatz gesamt;Kunde seit;Größe;Bemerkung"]
    orders = ["Vorgangsnr;Kundennr;Vorgang;Zeitpunkt;Betrag;Zahlungsart"]
    for number in range(10_001, 10_801):
        since = END.date() - timedelta(days=random.randrange(1, 900))
        spent = german(Decimal(random.randrange(0, 500_000)) / 100)
        size = random.choice(["S", "M", "L", "XL", ""])
        note = random.choice(["", "", '"bitte; nicht anrufen"', "zahlt pünktlich"])
        town = random.choice(towns)
        first = random.choice(["Jörg", "Zoë", "Änne", "Uwe"])
        people.append(f"{number};{first};{town};{spent};{since:%d.%m.%Y};{size};{note}")
    for place in range(9000):
        number = 10_001 + int(random.random() ** 2 * 800)
        when = END - timedelta(minutes=random.randrange(0, 200 * 24 * 60))
        kind = random.choices(kinds, [5, 1, 4, 6])[0]
        amount = german(Decimal(random.randrange(500, 200_000)) / 100) if kind in kinds[:2] else ""
        pays = random.choice(["Rechnung", "Lastschrift", "Überweisung"]) if kind == kinds[0] else ""
        orders.append(f"V-{place:06};{number};{kind};{when:%d.%m.%Y %H:%M:%S};{amount};{pays}")
    return Files(
        written(folder / "Kunden.csv", "\r\n".join(people).encode("cp1252")),
        written(folder / "Vorgänge.csv", ("\r\n".join(orders) + "\r\n").encode("cp1252")),
    )


def german(number: Decimal) -> str:
    return f"{number:,.2f}".translate(str.maketrans(",.", ".,"))


def product(folder: Path, seed: int = 2) -> Files:
    """A product on the web: gzipped tabs, UUIDs as ids, times in several zones."""
    random = Random(seed)
    pages = ["/home", "/billing", "/docs/start", "/settings", "/invite"]
    zones = [UTC, timezone(timedelta(hours=2)), timezone(timedelta(hours=-5, minutes=-30))]
    accounts = ["Account ID\tcompany\tplan\tseats\tMRR\tcreated at\ttrial"]
    views = ["view\tat\taccount\tpath\tms\tbrowser"]
    known = [str(UUID(int=random.getrandbits(128), version=4)) for _ in range(600)]
    for account in known:
        created = (END - timedelta(hours=random.randrange(1, 10_000))).astimezone(random.choice(zones))
        company = random.choice(["Acme, Inc.", "O'Neil & Sons", "Łódź Sp.", "50% Off"])
        plan, trial = random.choice(["free", "team", "business"]), random.choice(["true", "false"])
        seats, mrr = random.choice(["", random.randrange(1, 60)]), f"{random.randrange(0, 90_000) / 100:.2f}"
        accounts.append(f"{account}\t{company}\t{plan}\t{seats}\t{mrr}\t{created.isoformat()}\t{trial}")
    for number in range(12_000):
        at = (END - timedelta(seconds=random.randrange(0, 120 * 86_400))).replace(tzinfo=UTC)
        when = at.astimezone(random.choice(zones)).isoformat(timespec="milliseconds")
        path, took = random.choices(pages, [9, 1, 3, 2, 1])[0], random.randrange(20, 4000)
        who = known[int(random.random() ** 2 * len(known))]
        views.append(f"{number}\t{when}\t{who}\t{path}\t{took}\t{random.choice(['Firefox', 'Chrome', ''])}")
    return Files(
        written(folder / "accounts.tsv.gz", gzip.compress("\n".join(accounts).encode(), mtime=0)),
        written(folder / "page_views.tsv.gz", gzip.compress("\n".join(views).encode(), mtime=0)),
    )


def loyalty(folder: Path, seed: int = 3) -> Files:
    """A French loyalty card: Parquet, long numbers as ids, brackets for ages, decimals."""
    random = Random(seed)
    cards = [9_250_000_000_000 + 7 * place for place in range(500)]
    shelves = ["Épicerie", "Boulangerie", "Crèmerie", "Hygiène"]
    homes = {
        "n° de carte": cards,
        "tranche d'âge": [random.choice(["19-24", "25-34", "35-54", "55+", None]) for _ in cards],
        "enfants": pa.array([random.choice([0, 1, 2, 3, None]) for _ in cards], pa.int8()),
        "revenu": pa.array(
            [Decimal(random.randrange(900, 9000)) + Decimal("0.50") for _ in cards], pa.decimal128(9, 2)
        ),
        "adhésion": pa.array(
            [(END - timedelta(days=random.randrange(3000))).date() for _ in cards], pa.date32()
        ),
        "courriel": [random.choice([True, False, None]) for _ in cards],
    }
    size = 8000
    baskets = {
        "panier": list(range(size)),
        "n° de carte": [random.choice(cards) for _ in range(size)],
        "rayon": random.choices(shelves, [6, 3, 2, 1], k=size),
        "date d'achat": pa.array(
            [END - timedelta(minutes=random.randrange(0, 150 * 24 * 60)) for _ in range(size)],
            pa.timestamp("ms"),
        ),
        "montant": pa.array(
            [Decimal(random.randrange(100, 15_000)) / 100 for _ in range(size)], pa.decimal128(8, 2)
        ),
        "magasin": [random.choice(["Lyon", "Nîmes", "Orléans"]) for _ in range(size)],
    }
    users, events = folder / "foyers.parquet", folder / "paniers.parquet"
    pq.write_table(pa.table(homes), users)
    pq.write_table(pa.table(baskets), events)
    return Files(users, events)


def written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


if __name__ == "__main__":
    target = Path(sys.argv[1])
    target.mkdir(parents=True, exist_ok=True)
    for make in (shop, product, loyalty):
        print(make(target))

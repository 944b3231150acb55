"""The same tree in nine dialects: how each writes it, and that DuckDB and PostgreSQL answer it alike."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from hashlib import md5
from itertools import product
from statistics import median
from typing import Any

import duckdb
import pytest
from sqlglot import exp

from duckmart.catalog import Catalog, Column
from duckmart.compile.dialects import CHANGES
from duckmart.compile.events import EventSource, aggregated
from duckmart.compile.plan import UTC, Aggregate, EventCte, EventSet
from duckmart.compile.query import DIALECTS, Query, value
from duckmart.spec.kinds import Kind
from duckmart.spec.spans import Moment, Span
from tests.postgres import COLLATED, Rows, Server, Session

TEXT = exp.DType.TEXT
NOON = datetime(2026, 11, 22, 12)


def column(name: str, its: exp.DType | None = None) -> exp.Column:
    made = exp.column(name)
    if its:
        made.type = its
    return made


def lower(operand: exp.Expr) -> exp.Lower:
    return exp.Lower(this=operand)


def contains(operand: exp.Expr, fragment: exp.Expr) -> exp.Expr:
    return exp.GT(this=exp.StrPosition(this=operand, substr=fragment), expression=exp.Literal.number(0))


def starts_with(operand: exp.Expr, fragment: exp.Expr) -> exp.Expr:
    return exp.StartsWith(this=operand, expression=fragment)


def ends_with(operand: exp.Expr, fragment: exp.Expr) -> exp.Expr:
    return exp.EndsWith(this=operand, expression=fragment)


def like(operand: exp.Expr, pattern: exp.Expr) -> exp.Expr:
    return exp.Like(this=operand, expression=pattern)


def interval(number: int, unit: str) -> exp.Expr:
    return exp.Interval(this=exp.Literal.string(str(number)), unit=exp.var(unit))


def drawn(seed: str) -> exp.Expr:
    """The first 8 hex digits of the md5 of a seed and a user id."""
    hashed = exp.MD5(this=exp.DPipe(this=value(seed), expression=exp.cast(column("user_id"), TEXT)))
    return exp.Substring(this=hashed, start=exp.Literal.number(1), length=exp.Literal.number(8))


def over(aggregate: exp.Expr, **frame: Any) -> exp.Expr:
    return exp.Window(
        this=aggregate,
        partition_by=[column("user_id")],
        order=exp.Order(expressions=[column("t")]),
        spec=exp.WindowSpec(**frame),
    )


def before(aggregate: exp.Expr) -> exp.Expr:
    frame = {"kind": "ROWS", "start": "UNBOUNDED", "start_side": "PRECEDING", "end_side": "PRECEDING"}
    return over(aggregate, end=exp.Literal.number(1), **frame)


def in_the_last(number: int, unit: str, aggregate: exp.Expr) -> exp.Expr:
    frame = {"kind": "RANGE", "start_side": "PRECEDING", "end": "CURRENT ROW"}
    return over(aggregate, start=interval(number, unit), **frame)


def medians() -> exp.Select:
    """What the compiler asks for the median of `n` per user."""
    catalog = Catalog("1", {}, {"n": Column("n", Kind.NUMBER)}, {"BUY": 1}, 1, None, NOON, NOON)
    events = EventSet(("BUY",), Span(NOON + timedelta(days=1)))
    cte = EventCte("buy", events, ((Aggregate("median", "n"), "median_n"),))
    return aggregated(cte, EventSource(catalog, Moment(NOON, UTC), events.span))


def middle() -> exp.Expr:
    """The column of the inner query that has a value where it is in the middle."""
    return medians().args["from_"].this.this.selects[-1].this


MIDDLE = (
    "CASE WHEN 2 * ROW_NUMBER() OVER (PARTITION BY user_id ORDER BY {order}) "
    "BETWEEN COUNT(n) OVER (PARTITION BY user_id) AND COUNT(n) OVER (PARTITION BY user_id) + 2 THEN n END"
)

# What is selected -> how the dialects write it; "elsewhere" are those not named.
WRITTEN: dict[str, tuple[exp.Expr, dict[str, str]]] = {
    "a name that is a function of the session": (
        column("current_date"),
        {
            "clickhouse spark databricks": "current_date",
            "bigquery": "`current_date`",
            "elsewhere": '"current_date"',
        },
    ),
    "a name that is reserved here and there": (
        column("minus"),
        {
            "spark databricks": "`minus`",
            "snowflake redshift": '"minus"',
            "elsewhere": "minus",
        },
    ),
    "a pattern without a backslash": (
        like(column("x"), value("50% _")),
        {"elsewhere": "x LIKE '50% _'"},
    ),
    # In a pattern of five of them a backslash escapes; five write two for one in any text.
    "a pattern with a backslash": (
        like(column("x"), value("50\\%")),
        {
            "duckdb trino": "x LIKE '50\\%'",
            "postgres": "x LIKE '50\\%' ESCAPE ''",
            "snowflake": "x LIKE '50\\\\%'",
            "elsewhere": "x LIKE '50\\\\\\\\%'",
        },
    ),
    "contains": (
        contains(lower(column("x")), value("phone")),
        {
            "duckdb trino": "STRPOS(LOWER(x), 'phone') > 0",
            "postgres redshift": "POSITION('phone' IN LOWER(x)) > 0",
            "clickhouse": "POSITION(lowerUTF8(translateUTF8(x, 'İΣ', 'iσ')), 'phone') > 0",
            "snowflake": "CHARINDEX('phone', LOWER(x)) > 0",
            "bigquery": "INSTR(LOWER(TRANSLATE(x, 'İΣ', 'iσ')), 'phone') > 0",
            "elsewhere": "LOCATE('phone', LOWER(TRANSLATE(x, 'İΣ', 'iσ'))) > 0",
        },
    ),
    "contains letters that only the engine lowers": (
        contains(lower(column("x")), lower(value("É"))),
        {
            "duckdb trino": "STRPOS(LOWER(x), LOWER('É')) > 0",
            "postgres redshift": "POSITION(LOWER('É') IN LOWER(x)) > 0",
            "clickhouse": "POSITION(lowerUTF8(translateUTF8(x, 'İΣ', 'iσ')), lowerUTF8('É')) > 0",
            "snowflake": "CHARINDEX(LOWER('É'), LOWER(x)) > 0",
            "bigquery": "INSTR(LOWER(TRANSLATE(x, 'İΣ', 'iσ')), LOWER('É')) > 0",
            "elsewhere": "LOCATE(LOWER('É'), LOWER(TRANSLATE(x, 'İΣ', 'iσ'))) > 0",
        },
    ),
    "starts with": (
        starts_with(column("x"), value("東京%")),
        {
            "duckdb postgres bigquery trino": "STARTS_WITH(x, '東京%')",
            "clickhouse": "startsWith(x, '東京%')",
            "redshift": "LEFT(x, 3) = '東京%'",
            "elsewhere": "STARTSWITH(x, '東京%')",
        },
    ),
    "ends with": (
        ends_with(column("x"), value("東京%")),
        {
            "duckdb bigquery": "ENDS_WITH(x, '東京%')",
            "postgres redshift": "RIGHT(x, 3) = '東京%'",
            "clickhouse": "endsWith(x, '東京%')",
            "trino": "SUBSTR(x, -3) = '東京%'",
            "elsewhere": "ENDSWITH(x, '東京%')",
        },
    ),
    "a random tenth": (
        exp.LT(this=drawn("s:"), expression=value("19999999")),
        {
            "duckdb": "SUBSTRING(MD5('s:' || CAST(user_id AS TEXT)), 1, 8) < '19999999'",
            "postgres": (
                "SUBSTRING(MD5('s:' || CAST(user_id AS TEXT)) COLLATE \"C\" FROM 1 FOR 8) < '19999999'"
            ),
            "clickhouse": (
                "SUBSTRING(LOWER(HEX(MD5('s:' || CAST(user_id AS Nullable(String))))), 1, 8) < '19999999'"
            ),
            "snowflake": "SUBSTRING(MD5('s:' || CAST(user_id AS VARCHAR)), 1, 8) < '19999999'",
            "bigquery": "SUBSTRING(TO_HEX(MD5('s:' || CAST(user_id AS STRING))), 1, 8) < '19999999'",
            "trino": (
                "SUBSTR(LOWER(TO_HEX(MD5(TO_UTF8('s:' || CAST(user_id AS VARCHAR))))), 1, 8) < '19999999'"
            ),
            "redshift": "LEFT(MD5('s:' || CAST(user_id AS VARCHAR(MAX))), 8) < '19999999'",
            "elsewhere": "SUBSTRING(MD5('s:' || CAST(user_id AS STRING)), 1, 8) < '19999999'",
        },
    ),
    "a time": (
        value(datetime(2026, 11, 22, 9, 30, 0, 1)),
        {
            "clickhouse": "toDateTime64('2026-11-22 09:30:00.000001', 6, 'UTC')",
            "snowflake": "CAST('2026-11-22 09:30:00.000001' AS TIMESTAMPNTZ)",
            "bigquery": "CAST('2026-11-22 09:30:00.000001' AS DATETIME)",
            "trino": "CAST('2026-11-22 09:30:00.000001' AS TIMESTAMP(6))",
            "elsewhere": "CAST('2026-11-22 09:30:00.000001' AS TIMESTAMP)",
        },
    ),
    "a day": (
        value(date(1900, 3, 1)),
        {"clickhouse": "toDate32('1900-03-01')", "elsewhere": "CAST('1900-03-01' AS DATE)"},
    ),
    "the day of a time": (
        exp.cast(column("t"), exp.DType.DATE),
        {"clickhouse": "toDate32(t, 'UTC')", "elsewhere": "CAST(t AS DATE)"},
    ),
    "the start of a day": (
        exp.cast(column("d"), exp.DType.TIMESTAMP),
        {
            "clickhouse": "toDateTime64(d, 6, 'UTC')",
            "snowflake": "CAST(d AS TIMESTAMPNTZ)",
            "bigquery": "CAST(d AS DATETIME)",
            "trino": "CAST(d AS TIMESTAMP(6))",
            "elsewhere": "CAST(d AS TIMESTAMP)",
        },
    ),
    "days later": (
        exp.Add(this=column("t"), expression=interval(7, "DAY")),
        {
            "postgres snowflake redshift": "t + INTERVAL '7 DAY'",
            "bigquery": "t + INTERVAL 7 DAY",
            "elsewhere": "t + INTERVAL '7' DAY",
        },
    ),
    "an exact fraction": (
        value(Decimal("-0.30")),
        {
            "clickhouse": "-toDecimal128('0.30', 2)",
            "bigquery": "-CAST('0.30' AS NUMERIC)",
            "elsewhere": "-0.30",
        },
    ),
    "a fraction of many digits": (
        value(Decimal("9007199254740993.000000000000000001")),
        {
            "clickhouse": "toDecimal256('9007199254740993.000000000000000001', 18)",
            "bigquery": "CAST('9007199254740993.000000000000000001' AS BIGNUMERIC)",
            "elsewhere": "9007199254740993.000000000000000001",
        },
    ),
    "the first of some texts": (
        exp.Min(this=column("x", TEXT)),
        {"postgres": 'MIN(x COLLATE "C")', "elsewhere": "MIN(x)"},
    ),
    "the mean of the values in the middle": (
        medians().selects[1].this,
        {
            "clickhouse": "toDecimal128('0.5', 1) * MIN(middle_n) + toDecimal128('0.5', 1) * MAX(middle_n)",
            "bigquery": "CAST('0.5' AS NUMERIC) * MIN(middle_n) + CAST('0.5' AS NUMERIC) * MAX(middle_n)",
            "elsewhere": "0.5 * MIN(middle_n) + 0.5 * MAX(middle_n)",
        },
    ),
    # Where the largest come first, three dialects would begin with unknown values if they were not told.
    "a value if it is in the middle": (
        middle(),
        {
            "postgres snowflake redshift": MIDDLE.format(order="n DESC NULLS LAST"),
            "clickhouse": f"{MIDDLE.format(order='n DESC')} SETTINGS aggregate_functions_null_for_empty = 1",
            "elsewhere": MIDDLE.format(order="n DESC"),
        },
    ),
    "how often one wide number is in another": (
        exp.IntDiv(
            this=exp.cast(column("x"), "DECIMAL(38, 0)"), expression=exp.cast(column("y"), "DECIMAL(38, 0)")
        ),
        {
            "duckdb": "CAST(x AS DECIMAL(38, 0)) // CAST(y AS DECIMAL(38, 0))",
            "postgres": "DIV(CAST(x AS DECIMAL(38, 0)), CAST(y AS DECIMAL(38, 0)))",
            "clickhouse": "intDiv(toInt256(CAST(x AS Nullable(Decimal(38, 0)))), "
            "toInt256(CAST(y AS Nullable(Decimal(38, 0)))))",
            "bigquery": "DIV(CAST(x AS BIGNUMERIC), CAST(y AS BIGNUMERIC))",
            "elsewhere": "(CAST(x AS DECIMAL(38, 0)) - CAST(x AS DECIMAL(38, 0)) % "
            "CAST(y AS DECIMAL(38, 0))) / CAST(y AS DECIMAL(38, 0))",
        },
    ),
    "microseconds between two times": (
        exp.DateDiff(this=column("later"), expression=column("t"), unit=exp.var("MICROSECOND")),
        {
            "duckdb": "DATE_DIFF('MICROSECOND', t, later)",
            "postgres": "CAST(EXTRACT(epoch FROM CAST(later AS TIMESTAMP) - CAST(t AS TIMESTAMP)) * 1000000 "
            "AS BIGINT)",
            "clickhouse": "dateDiff('microsecond', t, later)",
            "bigquery": "DATETIME_DIFF(later, t, MICROSECOND)",
            "trino": "CAST(ROUND((TO_UNIXTIME(later) - TO_UNIXTIME(t)) * 1000000) AS BIGINT)",
            "elsewhere": "DATEDIFF(MICROSECOND, t, later)",
        },
    ),
    "whether all hold": (
        exp.LogicalAnd(this=column("b", exp.DType.BOOLEAN)),
        {
            "clickhouse": "MIN(b)",
            "snowflake": "BOOLAND_AGG(b)",
            "bigquery": "LOGICAL_AND(b)",
            "elsewhere": "BOOL_AND(b)",
        },
    ),
    "whether one holds": (
        exp.LogicalOr(this=column("b", exp.DType.BOOLEAN)),
        {
            "clickhouse": "MAX(b)",
            "snowflake": "BOOLOR_AGG(b)",
            "bigquery": "LOGICAL_OR(b)",
            "elsewhere": "BOOL_OR(b)",
        },
    ),
}


def written(selected: exp.Expr, dialect: str) -> str:
    text = Query(exp.select(selected)).sql(dialect)
    return " ".join(text.split()).removeprefix("SELECT ").replace("( ", "(").replace(" )", ")")


@pytest.mark.parametrize(("case", "dialect"), list(product(WRITTEN, DIALECTS)))
def test_a_dialect_writes_it_so(case: str, dialect: str) -> None:
    selected, texts = WRITTEN[case]
    by_dialect = {name: text for names, text in texts.items() for name in names.split()}

    assert written(selected, dialect) == by_dialect.get(dialect, by_dialect.get("elsewhere"))


def test_every_dialect_to_copy_has_its_table() -> None:
    assert list(CHANGES) == list(DIALECTS)


def test_a_window_over_a_span_of_time_counts_microseconds_where_a_range_takes_numbers_only() -> None:
    found = written(in_the_last(7, "DAY", exp.Min(this=column("n"))), "bigquery")

    assert "ORDER BY UNIX_MICROS(TIMESTAMP(t)) RANGE BETWEEN 604800000000 PRECEDING AND CURRENT ROW" in found


TOLD = {
    "join_use_nulls": exp.select("n").from_("t").join("s", using="n", join_type="left"),
    "aggregate_functions_null_for_empty": exp.select(before(exp.Max(this=column("n")))).from_("t"),
    "prefer_column_name_to_alias": exp.select("COUNT(*) AS n").from_("t").where("n > 1"),
}


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("setting", TOLD)
def test_clickhouse_alone_is_told_to_mean_what_the_standard_means(setting: str, dialect: str) -> None:
    text = " ".join(Query(TOLD[setting]).sql(dialect).split())

    assert text.endswith(f"SETTINGS {setting} = 1") == (dialect == "clickhouse")


TEXTS = (
    *("a\\_b", "a\\xb", "a_b", "aXb", "\\", "50%", "50\\%", "100", "O'Neil", "two\nlines", "$1", "%s", ""),
    *("İstanbul", "istanbul", "ISTANBUL", "Straße", "STRAẞE", "ΟΔΟΣ", "οδος", "οδοσ", "É", "é", "e\u0301"),
    *("🦆", "🦆🦆", "東京", "Z", "a", "é z", " a", "A", "_", "%", "A\r\tb", "\a\b\f\v"),
)
HELD: dict[Callable[..., exp.Expr], Callable[[str, str], bool]] = {
    contains: str.__contains__,
    starts_with: str.startswith,
    ends_with: str.endswith,
}
MICROSECOND = timedelta(microseconds=1)
Ask = Callable[[exp.Query], Rows]


@pytest.fixture(scope="module")
def session(postgres: Server) -> Iterator[Session]:
    with postgres.session() as session:
        yield session


@pytest.fixture(scope="module")
def ask(session: Session) -> Iterator[Ask]:
    """The rows of a query over the same table in DuckDB and PostgreSQL, once they agree."""
    with duckdb.connect() as duck:
        columns = "user_id INT, x {}, y TEXT, t TIMESTAMP, d DATE, b BOOLEAN, n DECIMAL(9, 2)"
        rows = list(_rows())
        duck.execute(f"CREATE TABLE r ({columns.format('TEXT')})")
        duck.executemany("INSERT INTO r VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
        # x is not in the order of code points by itself; y is lowered as the database's locale has it.
        cursor = session.connection.execute(f"CREATE TEMP TABLE r ({columns.format(COLLATED)})")
        cursor.executemany("INSERT INTO r VALUES (%s, %s, %s, %s, %s, %s, %s)", rows)

        # Twentieths in hundredths: a median of an even number of them has three decimals.
        view = """CREATE TEMP VIEW user_events AS SELECT user_id, t AS timestamp, 'BUY' AS event_name,
            CASE WHEN user_id < 4 THEN CAST(0.1 * n AS DECIMAL(9, 2)) END AS n FROM r"""
        duck.execute(view)
        session.connection.execute(view)

        def agreed(query: exp.Query) -> Rows:
            found = duck.execute(Query(query).sql()).fetchall()
            assert session.rows(Query(query).sql("postgres")) == found, Query(query).sql("postgres")
            return found

        yield agreed


def _rows() -> Iterator[tuple[Any, ...]]:
    """Each text once, for five users in turn; times days apart but for a microsecond; some unknown."""
    for position, text in enumerate((*TEXTS, None)):
        time = NOON - position // 5 * timedelta(days=3) + position % 3 * MICROSECOND
        known = None if position % 7 == 3 else bool(position % 2)
        yield position % 5, text, text, time, time.date() if known else None, known, Decimal(position) / 10


def matching(condition: exp.Expr) -> exp.Query:
    return exp.select("user_id", "x").from_("r").where(condition).order_by(column("x", TEXT))


PATTERNS = ("a\\_b", "\\%", "%\\", "%\\%", "_", "%", "🦆_", "_stanbul", "50%", "%'%", "e_", "%\n%", "%\r%")


@pytest.mark.parametrize("pattern", PATTERNS)
def test_no_character_escapes_in_a_pattern(ask: Ask, pattern: str) -> None:
    assert ask(matching(like(column("x"), value(pattern))))


FRAGMENTS = (
    "\\",
    "%",
    "_",
    "'",
    "\n",
    "$1",
    "%s",
    "i",
    "É",
    "é",
    "ẞ",
    "Σ",
    "σ",
    "🦆",
    "東京",
    "\f\v",
    " ",
    "e\u0301",
)


@pytest.mark.parametrize("fragment", FRAGMENTS)
@pytest.mark.parametrize("condition", [contains, starts_with, ends_with])
def test_a_fragment_is_found_where_it_stands(
    ask: Ask, condition: Callable[..., exp.Expr], fragment: str
) -> None:
    found = ask(matching(condition(column("x"), value(fragment))))

    assert [text for _, text in found] == sorted(text for text in TEXTS if HELD[condition](text, fragment))


@pytest.mark.parametrize("fragment", ["i", "IST", "É", "ß", "ẞE", "Σ", "ος", "50%", "\\X", "e\u0301"])
@pytest.mark.parametrize("condition", [contains, starts_with, ends_with])
def test_a_fragment_is_found_in_either_case(
    ask: Ask, condition: Callable[..., exp.Expr], fragment: str
) -> None:
    found = ask(matching(condition(lower(column("y")), lower(value(fragment)))))

    held = (text for text in TEXTS if HELD[condition](simply_lowered(text), simply_lowered(fragment)))
    assert [text for _, text in found] == sorted(held)


def simply_lowered(text: str) -> str:
    """One letter for one: not Python's two for İ, nor its ς for a Σ that ends a word."""
    return "".join("i" if letter == "İ" else letter.lower() for letter in text)


def test_a_column_called_like_a_function_of_the_session_is_the_column(ask: Ask) -> None:
    called = exp.select(exp.alias_(column("n"), "current_date")).from_("r").where(column("n").eq(2))

    assert ask(exp.select(column("current_date")).from_(called.subquery("called"))) == [(Decimal(2),)]


def test_text_is_ordered_by_code_point(ask: Ask) -> None:
    found = ask(
        exp.select("x").from_("r").where(column("x").is_(exp.null()).not_()).order_by(column("x", TEXT))
    )

    assert [text for (text,) in found] == sorted(TEXTS)


def test_the_first_and_last_text_are_so_by_code_point(ask: Ask) -> None:
    ends = [exp.Min(this=column("x", TEXT)), exp.Max(this=column("x", TEXT))]

    assert ask(exp.select(*ends).from_("r")) == [("", "🦆🦆")]


def test_the_same_users_are_drawn(ask: Ask) -> None:
    first, *rest = ask(exp.select(drawn("spring:")).from_("r").where(column("user_id").eq(0)))

    assert first == (md5(b"spring:0").hexdigest()[:8],)
    assert {first} == set(rest)
    assert ask(matching(exp.LT(this=drawn("O'Neil's\\ %:"), expression=value("80000000"))))


@pytest.mark.parametrize("step", [-1, 0, 1])
def test_times_are_compared_to_the_microsecond(ask: Ask, step: int) -> None:
    moment = value(NOON + step * MICROSECOND)

    ask(matching(exp.EQ(this=column("t"), expression=moment)))
    assert ask(matching(exp.LTE(this=column("t"), expression=moment)))


@pytest.mark.parametrize(("number", "unit"), [(7, "DAY"), (36_500, "DAY"), (25, "HOUR"), (330, "MINUTE")])
def test_times_move_by_whole_units(ask: Ask, number: int, unit: str) -> None:
    moved = [kind(this=column("t"), expression=interval(number, unit)) for kind in (exp.Add, exp.Sub)]

    assert ask(exp.select(*moved).from_("r").order_by("t"))


def test_times_and_days_turn_into_each_other(ask: Ask) -> None:
    turned = [exp.cast(column("t"), exp.DType.DATE), exp.cast(column("d"), exp.DType.TIMESTAMP)]
    [first, *_] = ask(exp.select(*turned).from_("r").where(column("user_id").eq(1)).order_by("t", "d"))

    assert isinstance(first[0], date)
    assert first[1] is None or isinstance(first[1], datetime)


def test_truth_is_gathered_as_the_least_and_the_greatest(ask: Ask) -> None:
    gathered = [exp.LogicalAnd(this=column("b")), exp.LogicalOr(this=column("b"))]
    query = exp.select("user_id", *gathered, "COUNT(DISTINCT b)").from_("r").group_by("user_id")

    assert len(ask(query.order_by("user_id"))) == 5


@pytest.mark.parametrize(
    "window",
    [
        before(exp.Max(this=column("t"))),
        in_the_last(3, "DAY", exp.Min(this=column("n"))),
        in_the_last(25, "HOUR", exp.Min(this=column("t"))),
    ],
)
def test_windows_look_back_over_the_same_rows(ask: Ask, window: exp.Expr) -> None:
    assert len(ask(exp.select("user_id", "t", "n", window).from_("r").order_by("user_id", "t", "n"))) > 30


def test_a_window_over_a_span_of_time_is_a_join_where_there_is_no_range(ask: Ask, session: Session) -> None:
    window = exp.alias_(in_the_last(3, "DAY", exp.Min(this=column("n"))), "least")
    query = exp.select("user_id", "t", window).from_("r").order_by("user_id", "t")
    joined = Query(query).sql("redshift")

    assert "RANGE" not in joined
    assert session.rows(joined) == ask(query)


def test_a_median_is_exact_and_unknown_for_users_without_values(ask: Ask) -> None:
    values: dict[int, list[Decimal]] = {user_id: [] for user_id in range(4)}
    for user_id, *_, n in _rows():
        if user_id in values:
            values[user_id].append(n / 10)

    exact = {user_id: median(of_user) for user_id, of_user in values.items()}
    assert any(median != round(median, 2) for median in exact.values())
    assert dict(ask(medians().order_by("user_id"))) == exact | {4: None}


def test_a_sum_meets_an_exact_fraction_of_a_count(ask: Ask) -> None:
    # 0.1 + 0.2 + 0.3 + 0.4 + 0.5: not so in floats.
    share = exp.Mul(this=value(Decimal("0.30")), expression=exp.Count(this=exp.Star()))
    tie = exp.EQ(this=exp.Sum(this=column("n")), expression=share)
    five = exp.Between(this=column("n"), low=value(Decimal("0.1")), high=value(Decimal("0.5")))

    assert ask(exp.select(tie).from_("r").where(five)) == [(True,)]

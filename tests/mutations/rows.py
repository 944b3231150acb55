"""What is broken on purpose, one row each: in which file, which text by which, and what is wrong then."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Mutation:
    """A fault; `old` stands exactly once in `file`, a path below the project's root."""

    what: str
    file: str
    old: str
    new: str

    @property
    def name(self) -> str:
        return self.what.replace(" ", "-")


MUTATIONS = (
    Mutation(
        "absent but for its last instant",
        "duckmart/compile/sequences.py",
        "exp.or_(happened.is_(exp.null()), exp.GT(this=happened.copy(), expression=deadline))",
        "exp.or_(happened.is_(exp.null()), exp.GTE(this=happened.copy(), expression=deadline))",
    ),
    Mutation(
        "absent while there is time left",
        "duckmart/compile/sequences.py",
        """due = value(instants.before(self.source.moment.as_of, self.sequence.within))
            conditions.append(exp.LTE(this=began.copy(), expression=due))
            conditions.append(""",
        "conditions.append(",
    ),
    Mutation(
        "accept a window of no time",
        "duckmart/spec/windows.py",
        "last is not None and first <= last:",
        "last is not None and first < last:",
    ),
    Mutation(
        "accept empty groups further down",
        "duckmart/check/keys.py",
        "if path and not node.children:",
        "if len(path) == 2 and not node.children:",
    ),
    Mutation(
        "accept text for numbers",
        "duckmart/spec/kinds.py",
        "cells=(int, Decimal),",
        "cells=(int, Decimal, str),",
    ),
    Mutation(
        "all of the listed days",
        "duckmart/compile/comparison.py",
        "return exp.or_(*conditions, copy=False)",
        "return exp.and_(*conditions, copy=False)",
    ),
    Mutation(
        "an anniversary in the year itself",
        "duckmart/compile/comparison.py",
        "is_earlier = exp.LT(this=operand.copy(), expression=value(begins))",
        "is_earlier = exp.GTE(this=value(instants.day_end(days[1], moment.zone)), expression=operand.copy())",
    ),
    Mutation(
        "and for or",
        "duckmart/compile/statement.py",
        'join = exp.and_ if group.logic_operator == "AND" else exp.or_',
        "join = exp.and_",
    ),
    Mutation(
        "arms in the order of the spec",
        "duckmart/compile/sampling.py",
        "arms = sorted((sample.split or {}).items())",
        "arms = list((sample.split or {}).items())",
    ),
    Mutation(
        "as of is among the next days",
        "duckmart/compile/comparison.py",
        "if kind.has_time:",
        """if kind.has_time and self.operator is Operator.IN_NEXT_DAYS:
            return exp.Between(this=operand, low=value(start), high=value(end))
        if kind.has_time:""",
    ),
    Mutation(
        "average of nothing is 0",
        "duckmart/compile/measures.py",
        'return _average(comparison, aggregate, value_of(Aggregate("known", name), cte))',
        """known = exp.func("COALESCE", value_of(Aggregate("known", name), cte), exp.Literal.number(0))
        return _average(comparison, exp.Coalesce(this=aggregate, expressions=[exp.Literal.number(0)]), known)""",
    ),
    Mutation(
        "a rank leaves out who ties with the last",
        "duckmart/compile/ranks.py",
        'exp.Window(this=call("RANK"), order=order)',
        'exp.Window(this=call("ROW_NUMBER"), order=order)',
    ),
    Mutation(
        "a percentage of users is rounded down",
        "duckmart/compile/ranks.py",
        "before = exp.paren(exp.Sub(this=place, expression=exp.Literal.number(1)))",
        "before = place",
    ),
    Mutation(
        "a rank is among the users asked about alone",
        "duckmart/compile/statement.py",
        "only = None if cte.name in plan.ranked else only",
        "only = only if cte.name in plan.ranked else only",
    ),
    Mutation(
        "the top of days since is the latest",
        "duckmart/compile/ranks.py",
        "desc=cte.ranking.from_top != is_age",
        "desc=cte.ranking.from_top",
    ),
    Mutation(
        "beside another measure averages are compared by their sums",
        "duckmart/compile/measure_pairs.py",
        "one = _product(own.number, other.divisor)",
        "one = own.number",
    ),
    Mutation(
        "beside another measure never is unknown",
        "duckmart/compile/measure_pairs.py",
        "return Quotient(or_zero(number) if row.with_zero else number)",
        "return Quotient(number)",
    ),
    Mutation(
        "beside another measure times is on the left",
        "duckmart/compile/measure_pairs.py",
        """one = _product(own.number, other.divisor)
    another = _product(*_times(node, other.number, catalog), own.divisor)""",
        """one = _product(*_times(node, own.number, catalog), other.divisor)
    another = _product(other.number, own.divisor)""",
    ),
    Mutation(
        "beside another measure unequal is not unknown",
        "duckmart/compile/measure_pairs.py",
        "exp.not_(certain(comparison, never_null=False), copy=False) if negated else comparison",
        "exp.not_(comparison, copy=False) if negated else comparison",
    ),
    Mutation(
        "a median is the lower middle alone",
        "duckmart/compile/events.py",
        "expression=_half(exp.Max(this=x.copy()))",
        "expression=_half(exp.Min(this=x.copy()))",
    ),
    Mutation(
        "a median is rounded to the decimals of its column",
        "duckmart/compile/events.py",
        "_MEDIAN: lambda x: exp.Add(this=_half(exp.Min(this=x)), expression=_half(exp.Max(this=x.copy()))),",
        "_MEDIAN: lambda x: exp.Round(\n"
        "        this=exp.Add(this=_half(exp.Min(this=x)), expression=_half(exp.Max(this=x.copy()))),\n"
        "        decimals=exp.Literal.number(2),\n"
        "    ),",
    ),
    Mutation(
        "begin a sequence as late as may be",
        "duckmart/compile/sequences.py",
        'exp.Min(this=exp.column("step_1")), "RANGE", (interval, "PRECEDING"), ("CURRENT ROW", None)',
        'exp.Max(this=exp.column("step_1")), "RANGE", (interval, "PRECEDING"), ("CURRENT ROW", None)',
    ),
    Mutation(
        "bits of users who have no value",
        "duckmart/engines/condition_bits.py",
        "return valid & values, valid & ~values",
        "return valid & values, ~values",
    ),
    Mutation(
        "compare a field with itself",
        "duckmart/check/two_fields.py",
        "elif other == column:",
        "elif False:",
    ),
    Mutation(
        "count active days in utc",
        "duckmart/compile/planner.py",
        "zone = moment.zone if node.row.aggregate == ACTIVE_DAYS",
        "zone = UTC if node.row.aggregate == ACTIVE_DAYS",
    ),
    Mutation(
        "count conditions without saved segments",
        "duckmart/spec/references.py",
        "total = conditions(segment) + sum(map(conditions, self.segments.values()))",
        "total = conditions(segment)",
    ),
    Mutation(
        "count hours as days",
        "duckmart/spec/lengths.py",
        "timedelta(hours=1),",
        "timedelta(days=1),",
    ),
    Mutation(
        "count signups by utc days",
        "duckmart/insight/replay.py",
        "latest = stamp(moment) if signup.kind.has_time else local_day(moment, segment.zone).isoformat()",
        "latest = stamp(moment) if signup.kind.has_time else moment.date().isoformat()",
    ),
    Mutation(
        "count what is muted",
        "duckmart/spec/draft.py",
        "return not self.muted and self.complete is not None",
        "return self.complete is not None",
    ),
    Mutation(
        "days of a year from 1",
        "duckmart/check/kinds.py",
        "(0, MAX_YEARLY_DAYS) if row.yearly",
        "(1, MAX_YEARLY_DAYS) if row.yearly",
    ),
    Mutation(
        "did not is nobody",
        "duckmart/compile/statement.py",
        "absent = column(KEY, name).is_(exp.null())",
        "absent = exp.NEQ(this=column(KEY, name), expression=column(KEY, USER))",
    ),
    Mutation(
        "drop a count of 0",
        "duckmart/check/keys.py",
        """hint = "add count: [low, high]" if pair else "add count"
            yield problem(here, "missing", phrase("{operator} needs a count", operator=node.operator), hint)""",
        "return",
    ),
    Mutation(
        "drop coalesce in negated group",
        "duckmart/compile/statement.py",
        "return exp.not_(certain(condition, never_null(group, within=True)), copy=False)",
        "return exp.not_(condition, copy=False)",
    ),
    Mutation(
        "drop coalesce on count",
        "duckmart/compile/measures.py",
        "number = or_zero(aggregate)",
        "number = aggregate",
    ),
    Mutation(
        "drop the as of bound",
        "duckmart/compile/events.py",
        """yield from self.is_within(events.span)
        yield self.is_until(events.span.until)""",
        "yield from self.is_within(events.span)",
    ),
    Mutation(
        "drop the unknown event warning",
        "duckmart/check/lint.py",
        'yield problem(here, "unknown_event", words, hint(name, all_names), alike(name, all_names))',
        "yield from ()",
    ),
    Mutation(
        "end a day with its first instant",
        "duckmart/compile/comparison.py",
        "return COMPARE[operator](time, last)",
        "return COMPARE[operator](time, first)",
    ),
    Mutation(
        "end a day with the next ones start",
        "duckmart/compile/comparison.py",
        "return instants.day_end(cell, zone) if isinstance(cell, date) and _is_day(cell) else cell",
        "return instants.day_start(cell + instants.DAY, zone) if isinstance(cell, date) and _is_day(cell) else cell",
    ),
    Mutation(
        "end a users own window an instant late",
        "duckmart/compile/events.py",
        "yield exp.LT(this=self.column(TIME), expression=end)",
        "yield exp.LTE(this=self.column(TIME), expression=end)",
    ),
    Mutation(
        "end a window with its last days start",
        "duckmart/spec/windows.py",
        "end = instants.moment(self.end, zone) if self.end else as_of",
        "end = instants.first_moment(self.end, zone) if self.end else as_of",
    ),
    Mutation(
        "everyone else without the unknown",
        "duckmart/engines/condition_bits.py",
        "return self._everyone & ~bits",
        "return ~bits",
    ),
    Mutation(
        "exclude as of itself",
        "duckmart/compile/events.py",
        "return exp.LTE(this=self.column(TIME), expression=value(moment))",
        "return exp.LT(this=self.column(TIME), expression=value(moment))",
    ),
    Mutation(
        "explain a group before its negate",
        "duckmart/insight/explain/columns.py",
        'yield "held_{}", statement.certain(node)',
        """plain = node.model_copy(update={"negate": False}) if isinstance(node, Group) else node
    yield "held_{}", statement.certain(plain)""",
    ),
    Mutation(
        "few by the members there are",
        "duckmart/insight/findings.py",
        "return self.everyone_having * min(self.members, self.rest) < FEW * self.everyone",
        "return self.having < FEW",
    ),
    Mutation(
        "find what a saved segment asks for",
        "duckmart/insight/findings.py",
        "groups = (segment, *segment.saved.values())",
        "groups = (segment,)",
    ),
    Mutation(
        "find without correction",
        "duckmart/insight/findings.py",
        "p = iter(adjusted(p_values(*zip(*able, strict=True))))",
        "p = iter(p_values(*zip(*able, strict=True)))",
    ),
    Mutation(
        "forget that members vary",
        "duckmart/insight/findings.py",
        "ratio, error = (a / n) / (c / r), math.sqrt(max(1 / a - 1 / n + 1 / c - 1 / r, 0))",
        "ratio, error = (a / n) / (c / r), math.sqrt(max(1 / c - 1 / r, 0))",
    ),
    Mutation(
        "include the start of habits",
        "duckmart/insight/activity.py",
        "exp.GT(this=column(TIME, table), expression=value(after)),",
        "exp.GTE(this=column(TIME, table), expression=value(after)),",
    ),
    Mutation(
        "include the windows start",
        "duckmart/compile/events.py",
        "yield exp.GT(this=self.column(TIME), expression=value(span.after))",
        "yield exp.GTE(this=self.column(TIME), expression=value(span.after))",
    ),
    Mutation(
        "inner join the counts",
        "duckmart/compile/statement.py",
        'query = query.join(table, on=same_user(join, USER), join_type="left", copy=False)',
        'query = query.join(table, on=same_user(join, USER), join_type="inner", copy=False)',
    ),
    Mutation(
        "keep a condition without its ctes",
        "duckmart/compile/conditions.py",
        r'texts[name] = "\n".join([_text(exp.select(condition)), *(sources[one] for one in ctes)])',
        r'texts[name] = "\n".join([_text(exp.select(condition)), *(sources[one] for one in ctes[:0])])',
    ),
    Mutation(
        "keep conditions in any order",
        "duckmart/compile/conditions.py",
        """query = users(columns, [self._join(name) for name in ctes if name in joins])
        query = query.order_by(column(KEY, USER), copy=False)""",
        "query = users(columns, [self._join(name) for name in ctes if name in joins])",
    ),
    Mutation(
        "keep the hash at the samples edge",
        "duckmart/compile/sampling.py",
        'return exp.LT(this=_hash(f"{sample.seed}:"), expression=value(_digits(sample.percent)))',
        'return exp.LTE(this=_hash(f"{sample.seed}:"), expression=value(_digits(sample.percent)))',
    ),
    Mutation(
        "leave null in the truth table",
        "duckmart/compile/__init__.py",
        'flags[f"c{position}"] = statement.certain(child)',
        'flags[f"c{position}"] = statement.node(child)',
    ),
    Mutation(
        "leave out the first day of activity",
        "duckmart/insight/activity.py",
        "return cls(as_of, DAY, span // DAY + 1)",
        "return cls(as_of, DAY, max(span // DAY, 1))",
    ),
    Mutation(
        "leave out who signed up that day",
        "duckmart/insight/replay.py",
        "UserFilter(field=signup.name, operator=Operator.LTE, value=latest),",
        "UserFilter(field=signup.name, operator=Operator.LT, value=latest),",
    ),
    Mutation(
        "leave rows as the engine gives them",
        "duckmart/engines/key_order.py",
        "return table if places is None else table.take(places)",
        "return table",
    ),
    Mutation(
        "let a limit be dropped",
        "duckmart/compile/dialects/duckdb.py",
        'if ctes and query.args.get("limit") is not None:',
        'if not ctes and query.args.get("limit") is not None:',
    ),
    Mutation(
        "let a saved segment have its own moment",
        "duckmart/compile/planner.py",
        "moment = Moment(self._as_of, segment.zone)",
        "moment = Moment(segment.as_of_utc or self._as_of, segment.zone)",
    ),
    Mutation(
        "let later steps be simultaneous",
        "duckmart/compile/sequences.py",
        'way = _over(earlier, self._frame, ("UNBOUNDED", "PRECEDING"), (exp.Literal.number(1), "PRECEDING"))',
        'way = _over(earlier, self._frame, ("UNBOUNDED", "PRECEDING"), ("CURRENT ROW", None))',
    ),
    Mutation(
        "let names end a comment",
        "duckmart/compile/query.py",
        'return re.sub("-(?=-)", "- ", flat.replace("*/", "* /").replace("/*", "/ *"))',
        'return re.sub("-(?=-)", "- ", flat)',
    ),
    Mutation(
        "look ahead as far as back",
        "duckmart/insight/sensitivity.py",
        "end = attribute.high if row.ahead else attribute.low",
        "end = attribute.low",
    ),
    Mutation(
        "lose a groups negate",
        "duckmart/compile/statement.py",
        """if not group.negate:
            return condition""",
        "return condition",
    ),
    Mutation(
        "lose a lists last value",
        "duckmart/compile/query.py",
        'node.set("expressions", [parameter(each) for each in plain])',
        'node.set("expressions", [parameter(each) for each in plain[:-1] or plain])',
    ),
    Mutation(
        "lose a saved segments sample",
        "duckmart/compile/statement.py",
        "query = statement.members(exp.alias_(column(KEY, USER), KEY))",
        "query = statement.users(exp.alias_(column(KEY, USER), KEY)).where(*conjuncts(statement.root()))",
    ),
    Mutation(
        "lose a sign in place",
        "duckmart/compile/query.py",
        "return exp.Neg(this=digits) if plain < 0 else digits",
        "return digits",
    ),
    Mutation(
        "lose the empty roots negate",
        "duckmart/compile/statement.py",
        "return exp.false() if self.segment.negate else None",
        "return None",
    ),
    Mutation(
        "lose the limit",
        "duckmart/compile/__init__.py",
        """if segment.limit is not None:
        query = query.limit(value(segment.limit), copy=False)
    return Query(query, all(""",
        "return Query(query, all(",
    ),
    Mutation(
        "lose the order",
        "duckmart/compile/__init__.py",
        """query = with_sources(statement.members(*columns), cte_queries(query_plan, catalog)).order_by(
        key, copy=False
    )""",
        "query = with_sources(statement.members(*columns), cte_queries(query_plan, catalog))",
    ),
    Mutation(
        "measure a chain only once",
        "duckmart/spec/references.py",
        "if len(chain) + self._chains.get(segment_id, 1) > LONGEST_CHAIN:",
        "if len(chain) >= LONGEST_CHAIN:",
    ),
    Mutation(
        "merge ctes with windows",
        "duckmart/compile/dialects/duckdb.py",
        "if query.find(exp.Window) is not None:",
        "if query.find(exp.Window) is None:",
    ),
    Mutation(
        "name a cte like a table",
        "duckmart/compile/planner.py",
        "self._names_in_use = set(TABLE_NAMES)",
        "self._names_in_use: set[str] = set()",
    ),
    Mutation(
        "ne without unknowns",
        "duckmart/compile/comparison.py",
        "return exp.not_(certain(condition, never_null=negated is Operator.IS_NULL), copy=False)",
        "return exp.not_(condition, copy=False)",
    ),
    Mutation(
        "near misses are all who miss",
        "duckmart/insight/truth_table.py",
        "return [self.combinations.get(tuple(other != child for other in children), 0) for child in children]",
        "return [self.everyone - self.alone[child] for child in children]",
    ),
    Mutation(
        "nest one deeper than the cap",
        "duckmart/spec/caps.py",
        "stack: list[tuple[int, Path, Json]] = [(1, (), raw)]",
        "stack: list[tuple[int, Path, Json]] = [(0, (), raw)]",
    ),
    Mutation(
        "no anniversary of 29 February in most years",
        "duckmart/spec/anniversaries.py",
        "229 if end == 228 and not _is_leap(year) else end)",
        "end)",
    ),
    Mutation(
        "overlap windows of days ago",
        "duckmart/spec/windows.py",
        "return Span(until, after=instants.days_before(moment.as_of, self.first_day or 0))",
        "return Span(until, since=instants.days_before(moment.as_of, self.first_day or 0))",
    ),
    Mutation(
        "print defaults",
        "duckmart/spec/segment.py",
        "return self.model_dump(exclude_defaults=True)",
        "return self.model_dump()",
    ),
    Mutation(
        "replay users of later weeks",
        "duckmart/insight/replay.py",
        "return _as_of(segment, moment, (*groups, *_signed_up(segment, moment, signup)))",
        "return _as_of(segment, moment, groups)",
    ),
    Mutation(
        "restore without what it refers to",
        "duckmart/library/library.py",
        """raise Exists(f"{segment_id!r} is not deleted", [segment_id])
            check_links(read, {segment_id: rows.links_of(read, segment_id)})""",
        'raise Exists(f"{segment_id!r} is not deleted", [segment_id])',
    ),
    Mutation(
        "round days since down",
        "duckmart/compile/measures.py",
        "return exp.LTE(this=time, expression=value(_ago(as_of, comparison.value, up=True)))",
        "return exp.LTE(this=time, expression=value(_ago(as_of, comparison.value)))",
    ),
    Mutation(
        "round long decimals in place",
        "duckmart/compile/query.py",
        'text = str(plain) if isinstance(plain, int) else f"{plain:f}"',
        'text = str(plain) if isinstance(plain, int) else f"{+plain:f}"',
    ),
    Mutation(
        "round the length of a sequence down",
        "duckmart/check/windows.py",
        "return -(-node.within.span // DAY)",
        "return node.within.span // DAY",
    ),
    Mutation(
        "save over a version nobody saw",
        "duckmart/library/library.py",
        "if version not in (None, saved.version):",
        "if version is not None and version > saved.version:",
    ),
    Mutation(
        "say all but mean except",
        "duckmart/spec/describe.py",
        'return f"All users except those {_clauses(segment)}" if segment.negate else f"Users {_clauses(segment)}"',
        'return f"Users {_clauses(segment)}"',
    ),
    Mutation(
        "say everyone where some are unknown",
        "duckmart/check/claims.py",
        "discrete, unknown = _is_discrete(column), column.missing > 0",
        "discrete, unknown = _is_discrete(column), False",
    ),
    Mutation(
        "share a cte between properties",
        "duckmart/compile/plan.py",
        "where: tuple[PropertyFilter, ...] = ()",
        'where: tuple[PropertyFilter, ...] = __import__("dataclasses").field(default=(), compare=False)',
    ),
    Mutation(
        "share a cte between windows",
        "duckmart/spec/spans.py",
        "after: datetime | None = None",
        'after: datetime | None = __import__("dataclasses").field(default=None, compare=False)',
    ),
    Mutation(
        "shares of users without a value too",
        "duckmart/insight/findings.py",
        "apart = [one for one in self.bars if one.value is not None] if self.known is None else [self.known]",
        "apart = list(self.bars)",
    ),
    Mutation(
        "shorten the ladder by a day",
        "duckmart/insight/sensitivity.py",
        "span = abs(self.as_of - _moment(end)) // unit.length + 1",
        "span = abs(self.as_of - _moment(end)) // unit.length",
    ),
    Mutation(
        "size of the negated is not the rest",
        "duckmart/insight/truth_table.py",
        "return sum(users for flags, users in combinations.items() if holds(segment, flags) != segment.negate)",
        "return sum(users for flags, users in combinations.items() if holds(segment, flags))",
    ),
    Mutation(
        "summaries count beyond the latest times",
        "duckmart/compile/summaries.py",
        "max(_steps(node), default=0) <= LATEST",
        "max(_steps(node), default=0) <= LATEST + 1",
    ),
    Mutation(
        "summaries count one more in a window",
        "duckmart/compile/summaries.py",
        "Operator.LTE: lambda threshold: (floor(threshold) + 1,),",
        "Operator.LTE: lambda threshold: (floor(threshold),),",
    ),
    Mutation(
        "summaries forget the day a window begins on",
        "duckmart/compile/summaries.py",
        "starts.append(exp.GTE(this=time.copy()",
        "starts.append(exp.GT(this=time.copy()",
    ),
    Mutation(
        "summaries know a later moment",
        "duckmart/compile/summaries.py",
        "span.until < catalog.newest_event:",
        "span.until < catalog.oldest_event:",
    ),
    Mutation(
        "summaries of events with properties",
        "duckmart/compile/summaries.py",
        "if node.where or len(names) != 1",
        "if len(names) != 1",
    ),
    Mutation(
        "summaries take a window for all history",
        "duckmart/compile/summaries.py",
        "return span.after is None and span.since is None",
        "return span.after is None",
    ),
    Mutation(
        "summaries take days for events",
        "duckmart/compile/summaries.py",
        "if node.row.aggregate != TIMES or not _has_steps(node):",
        "if not _has_steps(node):",
    ),
    Mutation(
        "swap entered and left",
        "duckmart/library/changes.py",
        "return Changes(entered, before.filter(pc.invert(pc.is_in(then, value_set=now))))",
        "return Changes(before.filter(pc.invert(pc.is_in(then, value_set=now))), entered)",
    ),
    Mutation(
        "take a nested group for certain",
        "duckmart/compile/statement.py",
        "return all(never_null(child) for child in node.children)",
        "return True",
    ),
    Mutation(
        "take every measure for certain",
        "duckmart/compile/statement.py",
        "return has_value or row.holds_for_unknown or row.negates is not None",
        "return True",
    ),
    Mutation(
        "take local days for utc days",
        "duckmart/compile/comparison.py",
        "return self._with_days(operand, plain, moment.zone)",
        'return self._with_days(operand, plain, ZoneInfo("UTC"))',
    ),
    Mutation(
        "take any element for all of them",
        "duckmart/compile/comparison.py",
        "Operator.CONTAINS_ALL: lambda x, v: exp.ArrayContainsAll(this=x, expression=v),",
        "Operator.CONTAINS_ALL: lambda x, v: exp.ArrayOverlaps(this=x, expression=v),",
    ),
    Mutation(
        "take lists side by side for users",
        "duckmart/insight/findings.py",
        "among = [*apart, *([bar] if bar.value is None else [])]",
        "among = [*(one for one in self.bars if one.value is not None or bar.value is None)]",
    ),
    Mutation(
        "take no list for an empty one",
        "duckmart/spec/operators.py",
        '_negative(Operator.CONTAINS_NONE, "contains none of", Operator.CONTAINS_ANY, LISTS, Takes.LIST)',
        'OperatorRow(Operator.CONTAINS_NONE, "contains none of", "contains none of", LISTS, Takes.LIST,'
        " negates=Operator.IS_NULL)",
    ),
    Mutation(
        "take the first known for the first",
        "duckmart/compile/events.py",
        "properties = dict.fromkeys(aggregate.of for aggregate, _ in cte.columns if aggregate.of)",
        """properties = dict.fromkeys(aggregate.of for aggregate, _ in cte.columns if aggregate.of)
        conditions += [exp.not_(source.column(name).is_(exp.null())) for name in properties]""",
    ),
    Mutation(
        "take the largest of the firsts",
        "duckmart/compile/events.py",
        '"first": lambda x: exp.Min(this=x),',
        '"first": lambda x: exp.Max(this=x),',
    ),
    Mutation(
        "take the smallest value for the smallest sum",
        "duckmart/check/claims.py",
        "low = end_at(0) if of.low >= 0 else LOWEST  # type: ignore[operator]",
        "low = end_at(of.low) if of.low >= 0 else LOWEST  # type: ignore[operator]",
    ),
    Mutation(
        "take two units for two lengths",
        "duckmart/spec/lengths.py",
        "and self.span == other.span",
        "and (self.number, self.unit) == (other.number, other.unit)",
    ),
    Mutation(
        "tell eight weeks by the day",
        "duckmart/insight/activity.py",
        "if span >= WEEKS_WORTH_A_LINE * WEEK:",
        "if span > WEEKS_WORTH_A_LINE * WEEK:",
    ),
    Mutation(
        "two fields the other way round",
        "duckmart/check/field_order.py",
        "turn = 1 if first is column else -1",
        "turn = 1",
    ),
    Mutation(
        "two unknown values are the same",
        "duckmart/compile/comparison.py",
        "condition = COMPARE[negated or operator](*operands)",
        "condition = (COMPARE[operator] if operator in COMPARE else exp.NullSafeEQ)(*operands) if negated is None else exp.NullSafeEQ(this=operands[0], expression=operands[1])",
    ),
    Mutation(
        "waterfall forgets its own step",
        "duckmart/insight/truth_table.py",
        "return [self._matching(slice(child + 1)) for child, _ in enumerate(self.alone)]",
        "return [self._matching(slice(child)) for child, _ in enumerate(self.alone)]",
    ),
)

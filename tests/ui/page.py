"""The builder as a test sees it: widgets by their labels, the count, and the spec that it stands for."""

from typing import Any

import simplejson
from streamlit.proto.WidgetStates_pb2 import WidgetStates
from streamlit.testing.v1 import AppTest

from duckmart.mart import Mart
from duckmart.settings import Settings
from duckmart.spec import draft_json
from duckmart.spec.draft import Draft
from duckmart.spec.parser import parse
from duckmart.ui.session import state

KINDS = (
    "selectbox", "multiselect", "number_input", "date_input", "text_input", "text_area", "toggle",
    "button_group", "button", "menu_button",
)  # fmt: skip


class Page:
    def __init__(self, app: AppTest) -> None:
        self.app = app

    def find(self, label: str) -> Any:
        [found] = [widget for kind in KINDS for widget in getattr(self.app, kind) if widget.label == label]
        return found

    @property
    def labels(self) -> list[str]:
        return [widget.label for kind in KINDS for widget in getattr(self.app, kind)]

    def has(self, label: str) -> bool:
        return label in self.labels

    def press(self, *labels: str) -> "Page":
        for label in labels:
            self.find(label).click()
            self.run()
        return self

    def choose(self, label: str, value: Any) -> "Page":
        self.find(label).set_value(value)
        return self.run()

    def choose_before_redrawing(self, seen: WidgetStates, label: str, value: Any) -> "Page":
        """Chooses in a browser that still shows all else as it was when `seen` was what its widgets said."""
        chosen = self.find(label)
        chosen.set_value(value)
        [said] = [widget for widget in self.said.widgets if widget.id == chosen.id]
        kept = [widget for widget in seen.widgets if widget.id != chosen.id]
        self.app._run(WidgetStates(widgets=[*kept, said]))
        return self.checked()

    def run(self) -> "Page":
        self.app.run()
        return self.checked()

    def checked(self) -> "Page":
        assert not self.app.exception, self.app.exception[0].message
        return self

    @property
    def said(self) -> WidgetStates:
        """What a browser says of its widgets with each click."""
        return self.app._tree.get_widget_states()

    def add_attribute(self, field: str, operator: str, value: Any, number: str, group: str = "") -> "Page":
        """Adds the row that will have this number, the way a user would fill it in."""
        self.press("Add attribute" + (f" to group {group}" if group else ""))
        self.choose(f"Filter {number} attribute", field)
        self.choose(f"Filter {number} operator", operator)
        return self.choose(f"Filter {number} value", value)

    def add_event(self, name: str, operator: str, count: int, number: str, group: str = "") -> "Page":
        self.press("Add event" + (f" to group {group}" if group else ""))
        self.choose(f"Filter {number} event", name)
        self.choose(f"Filter {number} operator", operator)
        return self.choose(f"Filter {number} count", count)

    def more(self, row: str, entry: str) -> "Page":
        """Takes an entry of a row's menu; `row` is what the page calls it: `Filter 1.2`, `Group 2`."""
        self.find(f"More for {row[0].lower()}{row[1:]}").click(entry)
        return self.run()

    def open_tab(self, label: str) -> "Page":
        """Opens a tab of insight below the rows."""
        self.app.session_state["insight"] = label
        return self.run()

    def type(self, label: str, text: str) -> "Page":
        """Enters a text that a select box does not offer, which AppTest would refuse."""
        box = self.find(label)
        box.options.append(text)
        box.set_value(text)
        return self.run()

    def paste(self, spec: Any) -> "Page":
        """Builds rows from JSON. AppTest redraws all, not the dialog alone, so each step opens it again."""
        text = spec if isinstance(spec, str) else simplejson.dumps(spec, use_decimal=True)
        self.press("Paste JSON")
        self.find("Segment JSON").set_value(text)
        self.press("Paste JSON")
        self.find("Build rows").click()
        return self.press("Paste JSON")

    @property
    def count(self) -> int:
        """The number that the page shows; fails while it shows none."""
        [metric] = self.app.metric
        return int(metric.value.replace(",", ""))

    @property
    def spec(self) -> dict[str, Any]:
        """The spec that the rows stand for; the JSON to copy is shown only when its tab is open."""
        built = draft_json.build(self.draft)
        made: dict[str, Any] = simplejson.loads(parse(built.spec, Settings()).as_json(), use_decimal=True)
        return made

    @property
    def draft(self) -> Draft:
        session: state.SessionState = self.app.session_state[state.SESSION]
        return session.work.here.draft

    @property
    def sql(self) -> str:
        return str(self.app.code[0].value)

    @property
    def sentence(self) -> str:
        [shown] = [html.value for html in self.app.html if 'class="sentence"' in html.value]
        return str(shown)

    @property
    def words(self) -> str:
        """Everything that is said in text, beside the widgets."""
        kinds = ("caption", "markdown", "text", "error", "warning", "html", "header", "title")
        return "\n".join(str(element.value) for kind in kinds for element in getattr(self.app, kind))


def size(mart: Mart, spec: Any) -> int:
    """What the mart answers without the page."""
    segment, _ = mart.accept(spec)
    return mart.size(segment).total

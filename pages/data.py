"""What is served: users, events, attributes and properties, and where they come from."""

from duckmart import mart
from duckmart.settings import settings
from duckmart.ui.data import contents

contents.show(mart.current(settings()).catalog, settings())

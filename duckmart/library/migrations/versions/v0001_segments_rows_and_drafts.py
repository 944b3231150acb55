"""Segments with their history and references, the builder's rows, drafts.

The last two came without a new version, so a library of version 1 may have them or not.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    make_segments()
    make_history()
    make_references()
    make_rows()
    make_drafts()


def make_segments() -> None:
    op.create_table(
        "segment_library",
        sa.Column("row", sa.Integer, sa.CheckConstraint("row = 1"), primary_key=True, autoincrement=False),
        sa.Column("schema_version", sa.Integer, nullable=False),
        if_not_exists=True,
    )
    op.create_table(
        "saved_segments",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("deleted", sa.Boolean, nullable=False),
        sa.Column("created", sa.DateTime, nullable=False),
        if_not_exists=True,
    )


def make_history() -> None:
    op.create_table(
        "segment_revisions",
        sa.Column("segment", sa.String(64), sa.ForeignKey("saved_segments.id"), primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("action", sa.String(16), nullable=False),
        sa.Column("updated", sa.DateTime, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("description", sa.Text, nullable=False),
        sa.Column("tags", sa.Text, nullable=False),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("spec", sa.Text, nullable=False),
        if_not_exists=True,
    )


def make_references() -> None:
    op.create_table(
        "segment_references",
        sa.Column("segment", sa.String(64), sa.ForeignKey("saved_segments.id"), primary_key=True),
        sa.Column("used", sa.String(64), sa.ForeignKey("saved_segments.id"), primary_key=True),
        sa.Column("path", sa.Text, nullable=False),
        if_not_exists=True,
    )
    op.create_index("ix_segment_references_used", "segment_references", ["used"], if_not_exists=True)


def make_rows() -> None:
    op.create_table(
        "segment_rows",
        sa.Column("segment", sa.String(64), sa.ForeignKey("saved_segments.id"), primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("document", sa.Text, nullable=False),
        if_not_exists=True,
    )


def make_drafts() -> None:
    op.create_table(
        "segment_drafts",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("edition", sa.Integer, nullable=False),
        sa.Column("updated", sa.DateTime, nullable=False),
        sa.Column("document", sa.Text, nullable=False),
        if_not_exists=True,
    )
    op.create_index("ix_segment_drafts_updated", "segment_drafts", ["updated"], if_not_exists=True)

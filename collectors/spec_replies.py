"""How the replies to an item are read: those on its own page, and on the pages that go on from there."""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator

from collectors.spec_fields import Fields, ListingKind, Strict


class Replies(Strict):
    """How the replies to an item are read; each is a listing of its own, by its own author."""

    select: str
    """Selector of one post (json: of the list of posts), the opening one too, on the item's and further pages."""
    fields: Fields
    """Fields of a reply; native_id and text are needed. The url, if it is not the page's, leads to the reply itself."""
    listing_kind: ListingKind = "comment"
    """Kind of the listings that replies become."""
    next: str | None = None
    """Selector of the link to the next page of posts (html)."""
    ids: str | None = None
    """JMESPath of the ids of all posts (json); those that the page does not hold are asked for by url."""
    url: str | None = None
    """Address that answers posts by their ids; {topic} is the item's id, the parameter of {ids} is repeated."""
    size: int = Field(20, ge=1, le=100)
    """Ids asked for at once."""
    max_pages: int = Field(20, ge=1, le=500)
    """Pages of one item's posts at most, its own included."""

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.fields.native_id is None or self.fields.text is None:
            raise ValueError("a reply needs native_id and text; write both under fields")
        if (self.ids is None) != (self.url is None) or (self.ids is not None and self.next is not None):
            raise ValueError("further posts are reached by next, or by ids and url together")
        if self.url is not None and "{ids}" not in self.url:
            raise ValueError("url needs {ids}, such as /t/{topic}/posts.json?post_ids[]={ids}")
        return self

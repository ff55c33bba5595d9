"""Makes a forum by Misago hold exactly the items of a file (see items.py); run by the forum's own Python.

``DJANGO_SETTINGS_MODULE=settings python fill_misago.py ITEMS.jsonl`` in its folder: a thread an item, its address names
the item's id, comments are replies of authors without an account. What is there already keeps its thread, what the file
has not is deleted.
"""

import json
import sys
from datetime import datetime
from pathlib import Path

import django

django.setup()

from django.contrib.auth import get_user_model  # noqa: E402 - Django has to be set up first
from django.core.cache import cache  # noqa: E402
from django.db import transaction  # noqa: E402
from django.test import RequestFactory  # noqa: E402
from misago.categories.models import Category  # noqa: E402
from misago.markup import common_flavour  # noqa: E402
from misago.threads.checksums import update_post_checksum  # noqa: E402
from misago.threads.models import Post, Thread  # noqa: E402
from misago.users.test import create_test_user  # noqa: E402

User = get_user_model()
REQUEST = RequestFactory(SERVER_NAME="127.0.0.1").get("/")


def board():
    """The one category that the forum begins with, which everybody may read."""
    found = Category.objects.all_categories().first()
    found.set_name("供求")
    found.save()
    return found


def plain(text):
    """Text that Markdown leaves as it is."""
    return "".join(f"\\{one}" if one in "\\`*_{}[]()#+-.!~|" else one for one in text)


def seller(name):
    """An account."""
    slug = f"u{sum(map(ord, name))}"
    return User.objects.filter(username=name).first() or create_test_user(name, f"{slug}@example.com", slug)


def write(post, text, posted):
    """A post's text, as the forum makes it from what is typed, and its time; saved."""
    post.original, post.parsed = plain(text), common_flavour(REQUEST, post.poster, plain(text))["parsed_text"]
    post.posted_on = post.updated_on = posted
    post.save()
    update_post_checksum(post)
    post.save(update_fields=["checksum"])


def put(item, category):
    """One item: made, or changed to what the file says."""
    posted, poster = datetime.fromisoformat(item["posted"]), seller(item["seller"])
    thread = Thread.objects.filter(slug=item["id"]).first()
    if thread is None:
        blank = {"starter_name": "-", "starter_slug": "-", "started_on": posted, "last_post_on": posted}
        thread = Thread(category=category, **blank)
    thread.title, thread.slug = item["title"][:255], item["id"]
    thread.save()
    first = thread.first_post or Post(category=category, thread=thread, poster=poster, poster_name=poster.username)
    if first.pk is None or first.original != plain(item["text"]):
        write(first, item["text"], posted)
    for said in item["comments"]:
        when = datetime.fromisoformat(said["posted"])
        if not thread.post_set.filter(posted_on=when).exclude(pk=first.pk).exists():
            write(Post(category=category, thread=thread, poster_name=said["author"]), said["text"], when)
    thread.synchronize()
    thread.save()


def main():
    """All items, the oldest first: the forum orders by the number of the last post."""
    rows = [json.loads(line) for line in Path(sys.argv[1]).read_text(encoding="utf-8").splitlines()]
    with transaction.atomic():
        category = board()
        for thread in Thread.objects.exclude(slug__in=[row["id"] for row in rows]):
            thread.delete()
        for row in reversed(rows):
            put(row, category)
        category.synchronize()
        category.save()
    cache.clear()
    print(f"{Thread.objects.count()} threads in /c/{category.slug}/{category.pk}/")


main()

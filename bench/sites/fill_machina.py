"""Makes a forum by django-machina hold exactly the items of a file (see items.py); run by the forum's own Python.

``DJANGO_SETTINGS_MODULE=settings python fill_machina.py ITEMS.jsonl`` in its folder: a topic an item, its address names
the item's id, comments are replies by guests. What is there already keeps its topic, what the file has not is deleted.
"""

import json
import sys
from datetime import datetime
from pathlib import Path

import django

django.setup()

from django.contrib.auth import get_user_model  # noqa: E402 - Django has to be set up first
from django.db import transaction  # noqa: E402
from machina.core.db.models import get_model  # noqa: E402

Forum = get_model("forum", "Forum")
Topic = get_model("forum_conversation", "Topic")
Post = get_model("forum_conversation", "Post")
ForumPermission = get_model("forum_permission", "ForumPermission")
GroupForumPermission = get_model("forum_permission", "UserForumPermission")
User = get_user_model()


def forum():
    """The one board, which everybody may read."""
    made, fresh = Forum.objects.get_or_create(name="供求", type=Forum.FORUM_POST)
    if fresh:
        for name in ("can_see_forum", "can_read_forum"):
            permission = ForumPermission.objects.get(codename=name)
            GroupForumPermission.objects.create(
                permission=permission, anonymous_user=True, user=None, forum=made, has_perm=True
            )
    return made


def plain(text):
    """Text that Markdown leaves as it is."""
    return "  \n".join(
        "".join(f"\\{one}" if one in "\\`*_{}[]()#+-.!~|" else one for one in escaped(line))
        for line in text.split("\n")
    )


def escaped(line):
    """Text in which nothing is a tag."""
    return line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def put(item, board):
    """One item: made, or changed to what the file says."""
    posted = datetime.fromisoformat(item["posted"])
    seller = User.objects.get_or_create(username=item["seller"])[0]
    subject, content = item["title"][:255], plain(item["text"])
    topic = Topic.objects.filter(slug=item["id"]).first()
    if topic is None:
        topic = Topic(forum=board, poster=seller, type=Topic.TOPIC_POST, status=Topic.TOPIC_UNLOCKED, approved=True)
    if topic.pk is None or topic.subject != subject:
        topic.subject = subject
        topic.save()
    head = Post.objects.filter(topic=topic).order_by("pk").first() or Post(topic=topic, poster=seller, approved=True)
    if head.pk is None or (head.subject, head.content.raw) != (subject, content):
        head.subject, head.content = subject, content
        head.save()
    for said in item["comments"]:
        when = datetime.fromisoformat(said["posted"])
        if not Post.objects.filter(topic=topic, created=when).exists():
            reply = Post(
                topic=topic, username=said["author"], subject=f"Re: {subject}"[:255], content=plain(said["text"])
            )
            reply.anonymous_key, reply.approved = "0" * 32, True
            reply.save()
            Post.objects.filter(pk=reply.pk).update(created=when, updated=when)
    Post.objects.filter(pk=head.pk).update(created=posted, updated=posted)
    Topic.objects.filter(pk=topic.pk).update(slug=item["id"], created=posted, last_post_on=posted)


def main():
    """All items."""
    rows = [json.loads(line) for line in Path(sys.argv[1]).read_text(encoding="utf-8").splitlines()]
    with transaction.atomic():
        board = forum()
        for topic in Topic.objects.exclude(slug__in=[row["id"] for row in rows]):
            topic.delete()
        for row in rows:
            put(row, board)
    print(f"{Topic.objects.count()} topics, board {board.slug}-{board.pk}")


main()

"""Makes a django-oscar shop hold exactly the items of a file (see items.py); run by the shop's own Python.

``DJANGO_SETTINGS_MODULE=settings python fill_oscar.py ITEMS.jsonl`` in the shop's folder. What is there already keeps
its product and address, what the file has not is deleted, and the search index is made anew: let the server open it
again. The product class needs text attributes ``seller`` and ``listed`` (shown as 卖家 and 上架时间).
"""

import json
import sys
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import django

django.setup()

from django.core.files import File  # noqa: E402 - Django has to be set up first
from django.core.management import call_command  # noqa: E402
from django.db import transaction  # noqa: E402
from django.utils import timezone  # noqa: E402
from django.utils.html import escape  # noqa: E402
from oscar.apps.catalogue.categories import create_from_breadcrumbs  # noqa: E402
from oscar.core.loading import get_model  # noqa: E402

Product = get_model("catalogue", "Product")
ProductCategory = get_model("catalogue", "ProductCategory")
ProductClass = get_model("catalogue", "ProductClass")
ProductImage = get_model("catalogue", "ProductImage")
ProductReview = get_model("reviews", "ProductReview")
Partner = get_model("partner", "Partner")
StockRecord = get_model("partner", "StockRecord")


def put(item, folder):
    """One item: made, or changed to what the file says."""
    product = Product.objects.filter(upc=item["id"]).first()
    if product is None:
        product = Product(upc=item["id"], product_class=ProductClass.objects.get())
    posted = datetime.fromisoformat(item["posted"])
    title, text = item["title"][:255], "<br>".join(escape(line) for line in item["text"].split("\n"))
    put_reviews(product, item["comments"]) if product.pk else None
    if product.pk and (product.title, product.description, _price(product)) == (title, text, item.get("price")):
        if put_picture(product, item.get("image"), folder):
            product.save()
        return
    fresh = product.pk is None
    product.title, product.description = title, text
    product.attr.seller = item["seller"]
    product.attr.listed = timezone.localtime(posted).strftime("%Y-%m-%d %H:%M")
    product.save()
    ProductCategory.objects.filter(product=product).delete()
    ProductCategory.objects.create(product=product, category=create_from_breadcrumbs(f"商品 > {item['category']}"))
    StockRecord.objects.filter(product=product).delete()
    if "price" in item:
        price = Decimal(str(item["price"])).quantize(Decimal("0.01"))
        partner = Partner.objects.get_or_create(name=item["seller"])[0]
        StockRecord.objects.create(
            product=product, partner=partner, partner_sku=item["id"], price=price, price_currency="CNY", num_in_stock=3
        )
    put_picture(product, item.get("image"), folder)
    put_reviews(product, item["comments"])
    # last, since a review saves its product
    Product.objects.filter(pk=product.pk).update(date_created=posted, **({"date_updated": posted} if fresh else {}))


def _price(product):
    """What it costs, as the file says it."""
    there = product.stockrecords.first()
    return float(there.price) if there is not None else None


def put_reviews(product, comments):
    """The item's comments as reviews."""
    for at, said in enumerate(comments):
        if not ProductReview.objects.filter(product=product, name=said["author"]).exists():
            ProductReview.objects.create(
                product=product, score=3 + at % 3, title="留言", status=1, name=said["author"], body=said["text"]
            )


def put_picture(product, name, folder):
    """The item's picture, replaced if it is another; whether it was."""
    there = product.images.first()
    if (there.caption if there is not None else None) == name:
        return False
    product.images.all().delete()
    if name is not None:
        with (folder / name).open("rb") as stream:
            ProductImage.objects.create(product=product, original=File(stream, Path(name).name), caption=name)
    return True


def main():
    """All items, then the index."""
    path = Path(sys.argv[1])
    items = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    with transaction.atomic():
        Product.objects.exclude(upc__in=[item["id"] for item in items]).delete()
        for item in items:
            put(item, path.parent)
    call_command("rebuild_index", interactive=False, verbosity=0)
    print(f"{Product.objects.count()} products")


main()

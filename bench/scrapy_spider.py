"""The bench's site by Scrapy, as its documentation shows it; run by an interpreter that has Scrapy.

``python scrapy_spider.py PER_SECOND OUT.jsonl URL...``: one spider over all hosts, one request at a time and host.
"""

import sys

import scrapy
from scrapy.crawler import CrawlerProcess


class Market(scrapy.Spider):
    name = "market"

    async def start(self):
        for url in self.urls:
            yield scrapy.Request(f"{url}/list?page=1", self.parse)

    def parse(self, response):
        yield from response.follow_all(css="li.good a", callback=self.parse_item)
        yield from response.follow_all(css="a[rel=next]", callback=self.parse)

    def parse_item(self, response):
        article = response.css("article")
        yield {
            "native_id": article.attrib["data-id"],
            "url": response.url,
            "title": article.css("h1::text").get(),
            "text": "\n".join(article.css(".text ::text").getall()),
            "price": article.css(".price::text").get(),
            "seller_name": article.css(".seller::text").get(),
            "posted_at": article.css("time").attrib["datetime"],
            "images": [response.urljoin(src) for src in article.css("img.pic::attr(src)").getall()],
        }


if __name__ == "__main__":
    process = CrawlerProcess(
        {
            "ROBOTSTXT_OBEY": True,
            "DOWNLOAD_DELAY": 1 / float(sys.argv[1]),
            "DOWNLOAD_DELAY_JITTER": 0,
            "CONCURRENT_REQUESTS_PER_DOMAIN": 1,
            "CONCURRENT_REQUESTS": 64,
            "FEEDS": {sys.argv[2]: {"format": "jsonlines"}},
            "USER_AGENT": "bench",
            "LOG_LEVEL": "WARNING",
            "TELNETCONSOLE_ENABLED": False,
        }
    )
    process.crawl(Market, urls=sys.argv[3:])
    process.start()

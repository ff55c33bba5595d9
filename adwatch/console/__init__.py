"""The console: casework in a browser, in Chinese, on loopback; it calls only ``adwatch.app``.

``serve`` starts it, ``application`` makes it, ``desk`` is what a screen works with, ``screens/`` has one file a screen.
"""

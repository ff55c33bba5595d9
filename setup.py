"""What setup.cfg cannot say: loops over characters, compiled where there is a C compiler; elsewhere NumPy does them."""

from setuptools import Extension, setup

setup(ext_modules=[Extension("classifiers._loops", ["classifiers/loops.c"], optional=True)])

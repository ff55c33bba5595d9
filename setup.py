"""What setup.cfg cannot say: the loops over characters, compiled where there is a C compiler; NumPy does them elsewhere."""

from setuptools import Extension, setup

setup(ext_modules=[Extension("classifiers._loops", ["classifiers/loops.c"], optional=True)])

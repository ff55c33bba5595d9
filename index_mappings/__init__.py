"""Elasticsearch templates and Kibana saved objects, as data."""

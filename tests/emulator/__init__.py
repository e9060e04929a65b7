"""Vendors' APIs over real HTTP on loopback, with scripted faults and a bill counter."""

"""Start the parts of one machine as processes of their own, keep them running, stop them in order.

parts.py says what a part is, plan.py which parts there are, child.py runs one of them, house.py all of them.
"""

"""Two sample applications that sign people in over SAML with python3-saml, as an engineer would write them.

They know nothing of govdir but its addresses: whatever is here can be copied into another project. A portal
(port 8444) and a document manager (8445) show who signed in and what they were told about them; `govdir demo`
starts both, each in a process of its own (`python -m govdir.showcase --help`).
"""

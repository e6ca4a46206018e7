"""What govdir does for mail servers besides LDAP: configurations, the policy service, ended sessions."""

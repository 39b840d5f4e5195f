"""The same work on every song: in processes or in a cluster; what is finished is kept, a killed run resumes."""

"""Who may do what to the profiles. Logins are the admin's alone: nothing is granted."""

from newsroom.roles import CONTRIBUTOR, EDITOR, WRITER, grant

grant("authors.author", ["view"], [EDITOR, WRITER, CONTRIBUTOR])
grant("authors.author", ["add", "change", "delete"], [EDITOR])

from newsroom.roles import EDITOR, grant

grant("identity.identity", ["view", "add", "change"], [EDITOR])
grant("identity.link", ["view", "add", "change", "delete"], [EDITOR])

import sys
from pathlib import Path

from newsroom.embedded_postgres import stop_after_the_last_user

stop_after_the_last_user(Path(sys.argv[1]))

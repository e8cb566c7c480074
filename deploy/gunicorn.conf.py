"""The production server: `gunicorn -c deploy/gunicorn.conf.py newsroom.wsgi`.

Threads, because it meets browsers: two idle browser connections would block two sync workers. Behind nginx, which
buffers slow clients, set WEB_THREADS=1 for sync workers.
"""

import os

bind = os.environ.get("BIND", f"127.0.0.1:{os.environ.get('PORT', '8000')}")
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
threads = int(os.environ.get("WEB_THREADS", "8"))
preload_app = True
timeout = 30
graceful_timeout = 8
keepalive = 5
forwarder_headers = ""  # no header of a request says at which path we are mounted
limit_request_line = 8190
limit_request_field_size = 16380
accesslog = None
errorlog = "-"
loglevel = "warning"
# Heartbeat files in memory: a slow disk must not look like a hung worker.
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: S108, PTH112

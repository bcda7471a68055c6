"""Serves `benchmarks.bare` with the same uvicorn settings as Backstep."""

import os

import uvicorn

if __name__ == "__main__":
    uvicorn.run(
        "benchmarks.bare:app",
        host=os.environ["HOST"],
        port=int(os.environ["PORT"]),
        server_header=False,
        access_log=False,
    )

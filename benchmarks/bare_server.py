"""Serves `benchmarks.bare` as `python -m app` serves Backstep."""

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

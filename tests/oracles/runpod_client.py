"""RunPod's own client, told on standard input what to ask for; what it saw is written out."""

from __future__ import annotations

import json
import sys

import runpod
from requests import HTTPError


def main() -> None:
    """Ask for the endpoint's health, run jobs until they have ended, and cancel one that has."""
    told = json.load(sys.stdin)
    runpod.endpoint_url_base = told["url"]
    endpoint = runpod.Endpoint(told["endpoint"], api_key=told["key"])
    seen: dict[str, object] = {"health": endpoint.health()}
    jobs = []
    for given in told["inputs"]:
        job = endpoint.run({"input": given})
        output = job.output(timeout=30)
        jobs.append({"id": job.job_id, "status": job.status(), "output": output, "cancelled": job.cancel()})
    seen["jobs"] = jobs
    try:
        runpod.Endpoint(told["endpoint"], api_key=told["bad_key"]).health()
    except RuntimeError as error:
        seen["bad key"] = str(error)[:16]
    try:
        runpod.Endpoint("nowhere", api_key=told["key"]).health()
    except HTTPError as error:
        seen["nowhere"] = error.response.status_code if error.response is not None else None
    sys.stdout.write(json.dumps(seen))


main()

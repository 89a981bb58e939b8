"""A Kubernetes API server with Kubeflow Trainer, as far as a launcher sees it: TrainJobs, their pods and logs.

What it takes and what it serves is held against the schema of Trainer's newest release. `work` plays the controller.
"""

import json
import re
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from background_server import in_background
from trainer_crds import RELEASES, faults

from attune.kubeflow.kubernetes_api import Api

JOBS = re.compile(r"/apis/trainer\.kubeflow\.org/v1alpha1/namespaces/ours/trainjobs(?:/([a-z0-9-]+))?")
PODS = re.compile(r"/api/v1/namespaces/ours/pods(?:/([a-z0-9-]+)/log\?container=node|\?labelSelector=(\S+))")
TIME = "2026-11-27T00:00:00Z"


class Cluster:
    """`work(cluster, job, number)` is called in a thread for each TrainJob made, counted from 1."""

    def __init__(self, work=lambda cluster, job, number: None, installed=True):
        self.work, self.installed = work, installed
        self.jobs, self.pods, self.logs = {}, {}, {}
        self.made, self.deleted, self.patched = [], [], []
        self.lock = threading.RLock()

    def answer(self, method, path, body):
        if match := JOBS.fullmatch(path):
            if not self.installed:
                return status(404, "the server could not find the requested resource")
            return self._job(method, match[1], body)
        match = PODS.fullmatch(path)
        assert method == "GET"
        assert match, path
        if match[1]:
            found = self.logs.get(match[1])
            return status(404, "no such pod") if found is None else (200, found)
        wanted = match[2].replace("%3D", "=").partition("=")[2]
        return 200, json.dumps({"kind": "PodList", "apiVersion": "v1", "items": self.pods.get(wanted, [])})

    def _job(self, method, name, body):
        if method == "POST":
            name = body["metadata"]["name"]
            if name in self.jobs:
                return status(409, f'trainjobs.trainer.kubeflow.org "{name}" already exists')
            if wrong := faults(RELEASES[-1], "trainjobs", body):
                return status(422, "; ".join(wrong))
            self.jobs[name] = body
            self.made.append(body)
            threading.Thread(target=self.work, args=(self, name, len(self.made)), daemon=True).start()
            return 201, json.dumps(body)
        if name not in self.jobs:
            return status(404, f'trainjobs.trainer.kubeflow.org "{name}" not found')
        if method == "PATCH":
            self.patched.append(body)
            self.jobs[name]["metadata"] |= body["metadata"]
        if method == "DELETE":
            self.deleted.append(name)
            self.pods.pop(name, None)
            return 200, json.dumps(self.jobs.pop(name))
        return 200, json.dumps(self.jobs[name])

    def end(self, name, kind, reason, message):
        """As Trainer says it at a TrainJob that is over."""
        said = {"type": kind, "status": "True", "reason": reason, "message": message, "lastTransitionTime": TIME}
        with self.lock:
            job = self.jobs[name] | {"status": {"conditions": [said]}}
            assert faults(RELEASES[-1], "trainjobs", job) == []
            self.jobs[name] = job

    def complete(self, name):
        self.end(name, "Complete", "AllJobsCompleted", "jobset completed successfully")

    def fail(self, name, reason="FailedJobs", message="jobset failed due to one or more job failures"):
        self.end(name, "Failed", reason, message)

    def pod(self, name, node, said="", **status):
        """A node's pod, and what it says."""
        pod = f"{name}-node-0-{node}-abcde"
        labels = {"jobset.sigs.k8s.io/jobset-name": name, "batch.kubernetes.io/job-completion-index": str(node)}
        held = {"metadata": {"name": pod, "labels": labels}, "status": {"phase": "Running"} | status}
        with self.lock:
            self.pods[name] = [p for p in self.pods.get(name, []) if p["metadata"]["name"] != pod] + [held]
            self.logs[pod] = said


def status(code, message):
    body = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "message": message, "code": code}
    return code, json.dumps(body)


@contextmanager
def serving(cluster, folder):
    """Serve until the block ends; yields what a pod of the cluster finds."""
    for name, text in (("token", "good\n"), ("namespace", "ours"), ("ca.crt", "")):
        (folder / name).write_text(text)

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_):
            pass

        def _serve(self):
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            assert self.headers["Authorization"] == "Bearer good"
            with cluster.lock:
                code, text = cluster.answer(self.command, self.path, json.loads(body) if body else None)
            self.send_response(code)
            self.send_header("Content-Length", str(len(text.encode())))
            self.end_headers()
            self.wfile.write(text.encode())

        do_GET = do_POST = do_PATCH = do_DELETE = _serve  # noqa: N815

    with in_background(ThreadingHTTPServer(("127.0.0.1", 0), Handler)) as server:
        yield Api(f"http://127.0.0.1:{server.server_address[1]}", folder)

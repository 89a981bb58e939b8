"""What a Kubernetes API server says of pods, Argo's workflows, and a few named objects."""

import json
import re
from dataclasses import dataclass, field

GROUPS = r"(?:api/v1|apis/(?:argoproj\.io|trainer\.kubeflow\.org)/v1alpha1)"
PATH = re.compile(rf"/{GROUPS}/namespaces/([^/]+)/([a-z]+)(?:/([^/]+))?(/log)?")


@dataclass
class Kubernetes:
    """One namespace, `kubeflow`. `forbidden` kinds are answered with 403."""

    pods: list[dict] = field(default_factory=list)
    said: dict[str, str] = field(default_factory=dict)
    """Logs of containers `main`, by pod."""
    workflows: list[dict] = field(default_factory=list)
    events: list[dict] = field(default_factory=list)
    """Warnings about pods."""
    objects: set[str] = field(default_factory=set)
    """Such as serviceaccounts/attune-runner."""
    forbidden: set[str] = field(default_factory=set)
    namespace: str = "kubeflow"

    def answer(self, method, path, query):
        """Status, body and content type; None for a path that is not Kubernetes'."""
        match = PATH.fullmatch(path)
        if method != "GET" or not match or match[2] == "services":
            return None
        _, kind, name, log = match.groups()
        if kind in self.forbidden:
            return self._status(403, "Forbidden", f'{kind} is forbidden: User "u" cannot get resource "{kind}"')
        if kind == "events" and name is None:
            assert query["fieldSelector"] == "involvedObject.kind=Pod,type=Warning"
            return self._list(kind, self.events)
        if kind in ("pods", "workflows") and name is None:
            items = self.pods if kind == "pods" else self.workflows
            return self._list(kind, self._labelled(items, query.get("labelSelector", "")))
        if log:
            assert query["container"] == "main"
            if name in self.said:
                return 200, self.said[name], "text/plain"
            return self._status(404, "NotFound", f'pods "{name}" not found')
        if f"{kind}/{name}" in self.objects:
            return 200, json.dumps({"metadata": {"name": name, "namespace": self.namespace}}), "application/json"
        return self._status(404, "NotFound", f'{kind} "{name}" not found')

    def _labelled(self, items, selector):
        key, _, value = selector.partition("=")
        return [item for item in items if item["metadata"].get("labels", {}).get(key) == value]

    def _list(self, kind, items):
        version, name = {
            "pods": ("v1", "PodList"),
            "events": ("v1", "EventList"),
            "workflows": ("argoproj.io/v1alpha1", "WorkflowList"),
        }[kind]
        body = {"apiVersion": version, "kind": name, "metadata": {"resourceVersion": "1"}, "items": items}
        return 200, json.dumps(body), "application/json"

    def _status(self, code, reason, message):
        body = {
            **{"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure"},
            **{"message": message, "reason": reason, "code": code},
        }
        return code, json.dumps(body), "application/json"

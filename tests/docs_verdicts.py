"""What becomes of every command that README and docs print, when it is run in a bare shell on a small project."""

ELSEWHERE = {
    "make test": "runs this test",
    "make unit": "runs tests",
    "make setup": "installs for minutes; CI begins with it",
    "make step NAME=census": "tests/test_architecture_recipes.py runs it in a copy of the code",
    "make paper-table": "trains for minutes; tests/steps/test_paper_table.py runs it",
    "attune import FOLDER": "needs a published model; tests/cli/test_import.py makes a small one",
    "make images": "builds images for minutes; tests/docker does",
    "docker/build cpu": "builds an image; tests/docker does",
    'eval "$(docker/engine up)"': "starts a container engine; tests/docker does",
    "attune pipeline run": "runs every step in a container for minutes; tests/pipelines/test_containers.py does",
    "attune pipeline run -S train.epochs=2": "the same",
    "kubectl apply -k deploy/overlays/mine": "needs a cluster; tests/deploy holds the manifests to Kubernetes' schemas",
    "make stack-up": "starts containers; tests/docker/test_stack.py does",
    "make stack-down": "stops them; tests/docker/test_stack.py does",
    "docker/stack erase": "the same",
    "set -a; . docker/stack.env; set +a": "made by the stack; tests/docker/test_stack.py reads it",
    """attune corpus --params '{"corpus": {"synthetic": {"like": "iemocap"}}}' --out data/corpus""": (
        "makes 12 hours of sound; tests/corpus/synthetic makes a share of them"
    ),
    "attune corpus check": "needs a corpus of one's own; tests/corpus/test_own_data_page.py follows the page",
    "python benchmarks/tracking.py": "measures for minutes",
    "python benchmarks/scoring.py": "measures for minutes",
}
"""Commands that are not run, each with its reason and, where there is one, the test that does run it."""

ELSEWHERE_BEGINNING = {
    "docker run": "needs an image; tests/docker/test_image.py runs it",
    "docker tag": "needs an image and a registry of images",
    "attune pipeline submit": "needs Kubeflow; tests/pipelines submits to its API",
    "attune pipeline list": "needs Kubeflow; tests/pipelines",
    "attune pipeline status": "needs Kubeflow; tests/pipelines",
    "attune pipeline logs": "needs Kubeflow; tests/pipelines",
    "attune pipeline cancel": "needs Kubeflow; tests/pipelines",
    "attune pipeline schedule": "needs Kubeflow; tests/pipelines",
    "python -m benchmarks.": "measures for minutes",
}
"""The same for whatever begins like this."""

FORM_ONLY = ("dvc exp run ",)
"""Train for minutes: run with --queue, by which DVC reads every setting of it and trains nothing yet."""

SERVERS = {"attune serve": "ping", "mlflow ui": "health"}
"""Go on until they are stopped: run on a free port until this path answers."""

CLIENTS = {"curl localhost:5001": "attune serve --port 5001"}
"""Ask the server that the command beside it starts."""

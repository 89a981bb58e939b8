"""Which server, and who asks."""

import json
from urllib.parse import urlsplit

import pytest
import tls_proxy
import yaml
from followed import kubeconfig_of
from kfp_server_api import ApiException
from kubeflow_server import TOKEN, Fault, Kubeflow, serving

from attune.errors import AttuneError
from pipelines.server import connection
from pipelines.server.calls import Patience, explained
from pipelines.server.connection import Wanted, connect
from pipelines.server.submission import experiment

QUICK = Patience(attempts=1, connect=2.0, read=2.0)


@pytest.fixture
def kubeflow():
    with serving(Kubeflow(token=TOKEN)) as server:
        yield server


@pytest.fixture(autouse=True)
def nowhere(monkeypatch, tmp_path):
    """No kubeconfig and no mounted token of this machine's."""
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "none"))
    monkeypatch.setattr("kubernetes.config.kube_config.KUBE_CONFIG_DEFAULT_LOCATION", str(tmp_path / "none"))
    monkeypatch.setattr(connection, "MOUNTED_TOKEN", str(tmp_path / "none"))


def works(wanted, environment=None):
    return experiment(connect(wanted, environment or {}, QUICK), "attune").experiment_id == "experiment-0"


def test_a_token_comes_from_a_file(kubeflow, tmp_path):
    (tmp_path / "token").write_text(f"{TOKEN}\n")
    assert works(Wanted(host=kubeflow.address, token_file=tmp_path / "token"))


def test_host_and_token_come_from_the_environment(kubeflow):
    assert works(Wanted(), {"KF_PIPELINES_ENDPOINT": kubeflow.address, "KF_PIPELINES_TOKEN": TOKEN})


def test_a_service_accounts_token_is_taken_from_where_it_is_mounted(kubeflow, tmp_path, monkeypatch):
    (tmp_path / "token").write_text(TOKEN)
    assert works(Wanted(host=kubeflow.address), {"KF_PIPELINES_SA_TOKEN_PATH": str(tmp_path / "token")})
    monkeypatch.setattr(connection, "MOUNTED_TOKEN", str(tmp_path / "token"))
    assert works(Wanted(host=kubeflow.address))


@pytest.mark.parametrize("by_file", [True, False])
def test_a_session_cookie_is_sent_as_it_is(kubeflow, tmp_path, by_file):
    kubeflow.token, kubeflow.cookie = None, "authservice_session=abc"
    (tmp_path / "cookie").write_text("authservice_session=abc\n")
    if by_file:
        assert works(Wanted(host=kubeflow.address, cookie_file=tmp_path / "cookie"))
    else:
        assert works(Wanted(host=kubeflow.address), {"KF_PIPELINES_COOKIE": "authservice_session=abc"})


@pytest.mark.parametrize("text", ["", " \n", "two\nlines", "two\r\nX-Other: lines", "密码"])
def test_what_no_header_can_carry_is_one_message_that_does_not_quote_it(kubeflow, tmp_path, text):
    (tmp_path / "secret").write_text(text)
    for option in ("token_file", "cookie_file"):
        with pytest.raises(AttuneError, match="single line of ASCII") as told:
            works(Wanted(host=kubeflow.address, **{option: tmp_path / "secret"}))
        assert str(told.value).startswith(str(tmp_path / "secret"))
        assert not text.strip() or text not in str(told.value)
    for name in ("KF_PIPELINES_TOKEN", "KF_PIPELINES_COOKIE") if text.strip() else ():
        with pytest.raises(AttuneError, match=name):
            works(Wanted(host=kubeflow.address), {name: text})


def test_a_variable_that_ends_with_a_line_break_is_a_token_and_an_empty_one_is_none(kubeflow, tmp_path, monkeypatch):
    assert works(Wanted(host=kubeflow.address), {"KF_PIPELINES_TOKEN": f"{TOKEN}\n"})
    (tmp_path / "token").write_text(TOKEN)
    monkeypatch.setattr(connection, "MOUNTED_TOKEN", str(tmp_path / "token"))
    assert works(Wanted(host=kubeflow.address), {"KF_PIPELINES_TOKEN": "", "KF_PIPELINES_COOKIE": ""})


ACCOUNT = "http://ada:pw%21@"


@pytest.mark.parametrize("scheme", ["http://", "", ACCOUNT])
def test_a_server_behind_a_proxy_is_reached_through_it(kubeflow, monkeypatch, scheme):
    monkeypatch.setenv("http_proxy", kubeflow.address.replace("http://", scheme))
    monkeypatch.setenv("no_proxy", "")
    server = connect(Wanted(host="http://kubeflow.invalid"), {"KF_PIPELINES_TOKEN": TOKEN}, QUICK)
    assert experiment(server, "attune").experiment_id == "experiment-0"
    sent = server.client.configuration.proxy_headers
    assert sent == ({"proxy-authorization": "Basic YWRhOnB3IQ=="} if scheme == ACCOUNT else None)


@pytest.mark.parametrize("proxy", ["http://127.0.0.1:1", "socks5://127.0.0.1:1"])
def test_a_proxy_is_passed_by_where_it_is_not_for_the_server(kubeflow, monkeypatch, proxy):
    monkeypatch.setenv("all_proxy", proxy)
    monkeypatch.setenv("no_proxy", "kubeflow.invalid")
    assert works(Wanted(host=kubeflow.address), {"KF_PIPELINES_TOKEN": TOKEN})
    assert connect(Wanted(host="http://kubeflow.invalid"), {}).client.configuration.proxy is None


def test_a_proxy_that_is_not_there_is_named(monkeypatch):
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:1")
    monkeypatch.setenv("no_proxy", "")
    with pytest.raises(AttuneError, match=r"the proxy does not let us through \(.*Connection refused") as told:
        works(Wanted(host="https://kubeflow.invalid"))
    assert "HTTPS_PROXY" in str(told.value)


def test_a_kubeconfig_leads_through_its_api_server_with_its_credentials(kubeflow, tmp_path, monkeypatch):
    path = tmp_path / "config"
    path.write_text(
        yaml.safe_dump(
            {
                "clusters": [{"name": "c", "cluster": {"server": kubeflow.address}}],
                "users": [{"name": "u", "user": {"token": TOKEN}}],
                "contexts": [{"name": "lab", "context": {"cluster": "c", "user": "u"}}],
            }
        )
    )
    monkeypatch.setattr("kubernetes.config.kube_config.KUBE_CONFIG_DEFAULT_LOCATION", str(path))
    assert works(Wanted(context="lab"))
    assert all("/services/ml-pipeline:http/proxy/apis/" in request for request in kubeflow.requests), kubeflow.requests


def test_a_kubeconfigs_token_that_no_header_can_carry_is_one_message_too(kubeflow, tmp_path, monkeypatch):
    path = kubeconfig_of(kubeflow, tmp_path)
    path.write_text(path.read_text().replace("token: t", 'token: "two\\nlines"'))
    monkeypatch.setattr("kubernetes.config.kube_config.KUBE_CONFIG_DEFAULT_LOCATION", str(path))
    with pytest.raises(AttuneError, match="kubeconfig: a token or cookie must be a single line"):
        works(Wanted(context="lab"))


def reached_by(tmp_path, monkeypatch, token, **cluster):
    path = kubeconfig_of(Kubeflow(), tmp_path)
    content = yaml.safe_load(path.read_text())
    content["clusters"].insert(0, {"name": "other", "cluster": {"server": "http://other.invalid"}})
    content["clusters"][1]["cluster"] = cluster
    content["users"][0]["user"]["token"] = token
    path.write_text(yaml.safe_dump(content))
    monkeypatch.setattr("kubernetes.config.kube_config.KUBE_CONFIG_DEFAULT_LOCATION", str(path))
    return Wanted(context="lab")


def test_the_proxy_that_a_kubeconfig_names_for_a_cluster_goes_before_the_environments(kubeflow, tmp_path, monkeypatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    monkeypatch.setenv("no_proxy", "api.invalid")
    assert works(
        reached_by(tmp_path, monkeypatch, TOKEN, **{"server": "http://api.invalid:6443", "proxy-url": kubeflow.address})
    )


def test_a_kubeconfigs_proxy_of_a_kind_that_the_client_does_not_know_is_named(tmp_path, monkeypatch):
    wanted = reached_by(
        tmp_path, monkeypatch, TOKEN, **{"server": "https://api.invalid", "proxy-url": "socks5://bastion:1080"}
    )
    with pytest.raises(AttuneError, match="proxy-url 'socks5://bastion:1080'") as told:
        connect(wanted, {}, QUICK)
    assert "kubectl port-forward" in str(told.value)


def test_an_api_server_whose_certificate_names_another_host_is_trusted_by_the_kubeconfigs_tls_server_name(
    kubeflow, tmp_path, monkeypatch
):
    port = urlsplit(kubeflow.address).port
    with tls_proxy.before(port, "", tmp_path, name="api.cluster.internal") as (address, certificate):
        cluster = {"server": address, "certificate-authority": str(certificate)}
        assert works(reached_by(tmp_path, monkeypatch, TOKEN, **cluster, **{"tls-server-name": "api.cluster.internal"}))
        with pytest.raises(AttuneError, match="certificate"):
            works(reached_by(tmp_path, monkeypatch, TOKEN, **cluster))


def test_inside_a_cluster_the_service_is_known():
    server = connect(Wanted(system_namespace="kf"), {"KUBERNETES_SERVICE_HOST": "10.0.0.1"})
    assert server.host == "http://ml-pipeline.kf.svc:8888"


def test_a_flag_wins_over_the_environment(kubeflow, tmp_path):
    (tmp_path / "token").write_text(TOKEN)
    wrong = {"KF_PIPELINES_ENDPOINT": "http://127.0.0.1:1", "KF_PIPELINES_TOKEN": "wrong"}
    assert works(Wanted(host=kubeflow.address, token_file=tmp_path / "token"), wrong)


def test_an_address_without_a_scheme_is_https():
    assert connect(Wanted(host="kubeflow.example.org/pipeline/"), {}).host == "https://kubeflow.example.org/pipeline"


def test_the_page_of_a_run_may_be_elsewhere():
    assert connect(Wanted(host="http://api"), {}).page("1") == "http://api/#/runs/details/1"
    elsewhere = connect(Wanted(host="http://api"), {"KF_PIPELINES_UI_ENDPOINT": "https://ui/pipeline/"})
    assert elsewhere.page("1") == "https://ui/pipeline/#/runs/details/1"


def test_among_several_users_a_page_says_whose_it_is():
    server = connect(Wanted(host="https://kf/pipeline", namespace="ada"), {})
    assert server.page("1") == "https://kf/pipeline/?ns=ada#/runs/details/1"


def test_a_browser_is_led_around_the_api_servers_proxy(kubeflow, tmp_path, monkeypatch):
    monkeypatch.setattr(
        "kubernetes.config.kube_config.KUBE_CONFIG_DEFAULT_LOCATION", str(kubeconfig_of(kubeflow, tmp_path))
    )
    wanted = Wanted(context="lab")
    server = connect(wanted, {})
    assert server.page("1") == "http://localhost:8080/#/runs/details/1"
    assert connection.forwarding(server, wanted) == (
        "kubectl --context lab -n kubeflow port-forward svc/ml-pipeline-ui 8080:80"
    )
    elsewhere = connect(wanted, {"KF_PIPELINES_UI_ENDPOINT": "https://ui/pipeline"})
    assert elsewhere.page("1") == "https://ui/pipeline/#/runs/details/1"
    assert connection.forwarding(elsewhere, wanted) is None
    assert connection.forwarding(connect(Wanted(host="http://kf"), {}), wanted) is None


def test_pods_are_looked_at_in_the_namespace_of_the_runs(kubeflow, tmp_path, monkeypatch):
    monkeypatch.setattr(
        "kubernetes.config.kube_config.KUBE_CONFIG_DEFAULT_LOCATION", str(kubeconfig_of(kubeflow, tmp_path))
    )
    assert connect(Wanted(context="lab"), {}).cluster.namespace == "kubeflow"
    assert connect(Wanted(context="lab", namespace="ada"), {}).cluster.namespace == "ada"
    assert connect(Wanted(context="lab", host="http://kf"), {}).cluster.namespace == "kubeflow"
    assert connect(Wanted(host="http://kf"), {}).cluster is None


@pytest.mark.parametrize(
    ("status", "words", "remedy"),
    [(401, "refused", "has expired"), (403, "forbidden", "rights of the account"), (500, "failed", "not healthy")],
)
def test_a_refusal_is_told_with_its_cause_and_the_remedy_for_it(status, words, remedy):
    body = {"message": "Failed: " + "x" * 900, "details": [{"message": "the cause"}]}
    error = ApiException(status=status)
    error.body = json.dumps(body)
    told = explained(error, "run one", "http://kf")
    assert words in told.what
    assert "the cause" in told.what
    assert remedy in told.remedy


def test_of_a_long_answer_the_end_is_told_where_the_cause_is():
    error = ApiException(status=500)
    error.body = json.dumps({"message": "x" * 900 + ': unknown field "securityContext"'})
    told = explained(error, "run one", "http://kf")
    assert told.what.endswith('unknown field "securityContext")')
    assert "--backend" in told.remedy


def test_no_host_anywhere_is_one_message():
    with pytest.raises(AttuneError, match="no Kubeflow Pipelines server is configured") as caught:
        connect(Wanted(), {})
    assert "KF_PIPELINES_ENDPOINT" in str(caught.value)


BROKEN = {
    "clusters": [{"name": "c", "cluster": {"server": "https://kf", "certificate-authority-data": "!!notbase64"}}],
    "users": [{"name": "u", "user": {}}],
    "contexts": [{"name": "x", "context": {"cluster": "c", "user": "u"}}],
    "current-context": "x",
}


@pytest.mark.parametrize("content", ["just text", "a: [1", "\0", json.dumps(BROKEN)])
def test_a_kubeconfig_that_is_none_is_one_message(tmp_path, monkeypatch, content):
    (tmp_path / "config").write_text(content)
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "config"))
    monkeypatch.setattr("kubernetes.config.kube_config.KUBE_CONFIG_DEFAULT_LOCATION", str(tmp_path / "config"))
    with pytest.raises(AttuneError, match="the kubeconfig cannot be read") as told:
        connect(Wanted(), {})
    assert str(told.value).startswith(f"{tmp_path / 'config'}: ")


def test_a_context_that_is_not_there_is_one_message():
    with pytest.raises(AttuneError, match="no Kubeflow Pipelines server is configured"):
        connect(Wanted(context="none"), {})


@pytest.mark.parametrize("option", ["token_file", "cookie_file", "certificate"])
def test_a_file_that_cannot_be_read_is_one_message(kubeflow, tmp_path, option):
    with pytest.raises(AttuneError, match=r"the (credentials|certificates) cannot be read"):
        connect(Wanted(host=kubeflow.address, **{option: tmp_path / "none"}), {})


@pytest.mark.parametrize("host", ["ftp://kf", "http://", "not a host", "http://kf:99999", "http://[::1", "https:///x"])
def test_what_is_no_address_is_refused_before_it_is_tried(host):
    with pytest.raises(AttuneError, match="is not the address of a server"):
        connect(Wanted(host=host), {})


@pytest.mark.parametrize("certificates", [None, "no certificate\n"], ids=["none", "broken"])
def test_a_server_that_speaks_no_tls_or_is_not_trusted_is_one_message_at_once(kubeflow, tmp_path, certificates):
    given = {"host": kubeflow.address.replace("http:", "https:")}
    if certificates:
        given["certificate"] = tmp_path / "ca.pem"
        given["certificate"].write_text(certificates)
    with pytest.raises(AttuneError, match="no secure connection") as caught:
        experiment(connect(Wanted(**given), {}, Patience(attempts=5, pause=60.0)), "attune")
    assert "--ca-certificate" in str(caught.value)


@pytest.mark.parametrize(
    ("host", "cause"),
    [("http://127.0.0.1:1", "Connection refused"), ("http://nowhere.invalid", "Failed to resolve 'nowhere.invalid'")],
)
def test_why_a_server_cannot_be_reached_is_said(host, cause):
    with pytest.raises(AttuneError, match="cannot be reached") as caught:
        works(Wanted(host=host))
    assert cause in str(caught.value)
    assert "object at" not in str(caught.value)


@pytest.mark.parametrize("body", ["{", "null", "[1]", '"x"'])
def test_an_answer_that_is_cut_off_is_asked_for_again_and_never_taken_for_an_empty_one(kubeflow, body):
    kubeflow.token, kubeflow.faults = None, [Fault("GET .*", status=200, body=body)]
    server = connect(Wanted(host=kubeflow.address), {}, Patience(attempts=2, pause=0.01))
    assert experiment(server, "attune").experiment_id == "experiment-0"
    kubeflow.faults = [Fault("GET .*", times=2, status=200, body=body)]
    with pytest.raises(AttuneError, match="cut off or is not Kubeflow's"):
        experiment(server, "attune")


def test_no_credentials_are_one_message(kubeflow):
    with pytest.raises(AttuneError, match="refused"):
        works(Wanted(host=kubeflow.address))

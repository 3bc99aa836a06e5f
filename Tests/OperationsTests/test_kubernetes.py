"""The Kubernetes manifest: valid by Kubernetes' own schemas, and in agreement with the program."""

import json
import re
import shlex

import kubernetes_validate
import pytest
import yaml

# Oldest and newest release that the manifest is for.
RELEASES = ["1.28", "1.34"]
HOLDER_MARGIN = 10


@pytest.fixture(scope="module")
def documents(root):
    return list(yaml.safe_load_all((root / "docs/operations/kubernetes.yaml").read_text()))


def of_kind(documents, kind):
    return next(document for document in documents if document["kind"] == kind)


@pytest.fixture(scope="module")
def pod(documents):
    return of_kind(documents, "Deployment")["spec"]["template"]


@pytest.fixture(scope="module")
def container(pod):
    return pod["spec"]["containers"][0]


@pytest.mark.parametrize("release", RELEASES)
def test_every_document_is_valid(documents, release):
    for document in documents:
        kubernetes_validate.validate(document, release, strict=True)


def test_the_options_exist(container, studio_options):
    assert container["args"][0] == "studio"
    assert {word for word in container["args"] if word.startswith("--")} <= studio_options


def test_the_ports_agree(documents, container):
    arguments = container["args"]
    port = int(arguments[arguments.index("--port") + 1])
    assert [entry["containerPort"] for entry in container["ports"]] == [port]
    names = {entry["name"] for entry in container["ports"]}
    assert of_kind(documents, "Service")["spec"]["ports"][0]["targetPort"] in names
    for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
        assert container[probe]["httpGet"]["port"] in names


def test_the_probes_ask_routes_that_need_no_token(root, container):
    source = (root / "Sources/Studio/Trust/TrustPolicy.swift").read_text()
    opened = re.search(r"static let openPaths.*", source)[0]
    for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
        assert f'"{container[probe]["httpGet"]["path"]}"' in opened


def test_selectors_and_claims_find_each_other(documents, pod):
    labels = pod["metadata"]["labels"]
    assert of_kind(documents, "Deployment")["spec"]["selector"]["matchLabels"] == labels
    assert of_kind(documents, "Service")["spec"]["selector"].items() <= labels.items()
    claims = {volume.get("persistentVolumeClaim", {}).get("claimName") for volume in pod["spec"]["volumes"]}
    assert of_kind(documents, "PersistentVolumeClaim")["metadata"]["name"] in claims


def test_the_pod_gets_more_time_than_a_stop_takes(pod, container):
    arguments = container["args"]
    grace = float(arguments[arguments.index("--stop-grace") + 1])
    assert pod["spec"]["terminationGracePeriodSeconds"] > grace + HOLDER_MARGIN


def test_what_is_written_to_is_mounted_on_a_read_only_root(pod, container):
    assert container["securityContext"]["readOnlyRootFilesystem"] is True
    mounts = {mount["mountPath"] for mount in container["volumeMounts"]}
    arguments = container["args"]
    assert {"/tmp", "/home/agentv", arguments[arguments.index("--dir") + 1]} <= mounts
    volumes = {volume["name"] for volume in pod["spec"]["volumes"]}
    assert {mount["name"] for mount in container["volumeMounts"]} == volumes


def test_the_pod_meets_the_restricted_security_standard(pod, container):
    assert pod["spec"]["securityContext"]["runAsNonRoot"] is True
    assert pod["spec"]["securityContext"]["seccompProfile"]["type"] == "RuntimeDefault"
    assert container["securityContext"]["allowPrivilegeEscalation"] is False
    assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}


def test_the_manifest_fits_the_image(root, pod, container):
    dockerfile = (root / "Dockerfile").read_text()
    assert f"--uid {pod['spec']['securityContext']['runAsUser']}" in dockerfile
    assert f"EXPOSE {container['ports'][0]['containerPort']}" in dockerfile
    assert json.loads(dockerfile.split("ENTRYPOINT ")[1].splitlines()[0]) == ["/usr/local/bin/agentv"]


def test_the_image_uses_options_that_exist(root, studio_options):
    command = json.loads((root / "Dockerfile").read_text().split("\nCMD ")[-1])
    assert {word for word in command if word.startswith("--")} <= studio_options


def test_the_pages_name_options_that_exist(root, studio_options):
    # Of other commands that the pages show.
    others = {"--all", "--user", "--only-upgrade", "--from-literal"}
    for page in ("deployment", "systemd", "kubernetes", "upgrade"):
        text = (root / f"docs/operations/{page}.md").read_text()
        words = {word.split("=")[0] for line in text.splitlines() for word in split(line)}
        named = {word.strip("`,;.()") for word in words if word.startswith(("--", "`--"))}
        assert named - others <= studio_options | {"--"}, page


def split(line):
    try:
        return shlex.split(line)
    except ValueError:
        return line.split()

"""Who may do what in the project: as little as the job needs, no keys, and nothing public but the demo."""

import json
import re
import shlex

from tests.conftest import ROOT
from tests.deploy.google_project import NAME, PROJECT, REPOSITORY, Cloud, flag

# Every role that may be granted, and why nothing smaller does.
ROLES = {
    "roles/logging.logWriter": "the build writes its log",
    "roles/artifactregistry.writer": "the build pushes images, to one repository",
    "roles/storage.objectViewer": "the build reads the source that was uploaded, from one bucket",
    "roles/run.developer": "the build deploys revisions, of one service; it cannot make it public",
    "roles/iam.serviceAccountUser": "who starts what runs as an account needs this, on that one account",
    "roles/storage.objectUser": "training writes the artifact, GitHub the source, to one bucket",
    "roles/storage.legacyBucketReader": "gcloud looks whether the bucket exists before it uploads",
    "roles/cloudbuild.builds.editor": "GitHub starts builds; there is no smaller role",
    "roles/serviceusage.serviceUsageConsumer": "gcloud counts calls against the project",
    "roles/iam.workloadIdentityUser": "the workflow of one repository becomes the account for GitHub",
}


def test_only_the_listed_roles_are_granted_and_none_of_them_administers(cloud: Cloud) -> None:
    cloud.run("setup")
    granted = [call for call in cloud.calls if "add-iam-policy-binding" in call]
    cloud.run("function")
    granted += [call for call in cloud.calls if "add-iam-policy-binding" in call]
    assert {flag(call, "--role") for call in granted} == set(ROLES)
    assert not [
        role
        for role in ROLES
        if re.search(r"owner|(^|\.)editor$|admin", role.replace("builds.editor", ""), re.I)
    ]


def test_github_may_write_sources_and_only_they_are_deleted_by_age(cloud: Cloud) -> None:
    cloud.run("setup")
    (write,) = (
        call
        for call in cloud.calls
        if f"--member=serviceAccount:{NAME}-github@{PROJECT}.iam.gserviceaccount.com" in call
        and "--role=roles/storage.objectUser" in call
    )
    below = f"resource.name.startsWith('projects/_/buckets/{PROJECT}-{NAME}/objects/source/')"
    assert flag(write, "--condition") == f"title=only-source,expression={below}"
    cloud.run("deploy")
    assert f"--gcs-source-staging-dir=gs://{PROJECT}-{NAME}/source" in cloud.calls[-1]
    (rule,) = json.loads((ROOT / "deploy/google-cloud/bucket-lifecycle.json").read_text("utf-8"))["rule"]
    assert rule["condition"]["matchesPrefix"] == ["source/"]


def test_what_is_granted_on_the_whole_project_cannot_be_granted_on_less(cloud: Cloud) -> None:
    cloud.run("setup")
    project_wide = [call for call in cloud.calls if call[:2] == ["projects", "add-iam-policy-binding"]]
    assert {flag(call, "--role") for call in project_wide} == {
        "roles/logging.logWriter",
        "roles/cloudbuild.builds.editor",
        "roles/serviceusage.serviceUsageConsumer",
    }


def test_the_account_that_runs_the_demo_has_no_right_to_anything(cloud: Cloud) -> None:
    cloud.run("setup")
    cloud.run("function")
    policies = [
        line for name, lines in cloud.inventory().items() if name.startswith("policy-") for line in lines
    ]
    assert policies
    assert not [line for line in policies if f"{NAME}-run@" in line]


def test_nobody_gets_a_key_and_nothing_is_public_but_the_demo(cloud: Cloud) -> None:
    calls = []
    for command in ("setup", "deploy", "function", "train"):
        cloud.run(command)
        calls += cloud.calls
    text = "\n".join(shlex.join(call) for call in calls)
    assert not re.search(r"\bkeys\b|allUsers|allAuthenticatedUsers|--allow-unauthenticated", text)
    public = [call for call in calls if "--no-invoker-iam-check" in call]
    assert [call[:3] for call in public] == [["run", "deploy", NAME]]
    function = next(call for call in calls if call[:3] == ["run", "deploy", f"{NAME}-function"])
    assert "--no-allow-unauthenticated" in function
    for bucket in (call for call in calls if call[:3] == ["storage", "buckets", "create"]):
        assert {"--public-access-prevention", "--uniform-bucket-level-access"} <= set(bucket)


def test_the_way_in_is_bound_to_one_repository_and_branch_twice(cloud: Cloud) -> None:
    cloud.run("setup")
    provider = next(call for call in cloud.calls if "create-oidc" in call)
    assert (
        flag(provider, "--attribute-condition")
        == f"assertion.repository == '{REPOSITORY}' && assertion.ref == 'refs/heads/main'"
    )
    assert flag(provider, "--issuer-uri") == "https://token.actions.githubusercontent.com"
    member = next(
        flag(call, "--member")
        for call in cloud.calls
        if flag(call, "--role") == "roles/iam.workloadIdentityUser"
    )
    assert (
        member
        == f"principalSet://iam.googleapis.com/projects/123456789/locations/global/workloadIdentityPools/{NAME}/attribute.repository/{REPOSITORY}"
    )


def test_everything_that_takes_a_label_gets_it(cloud: Cloud) -> None:
    calls = []
    for command in ("setup", "function", "train"):
        cloud.run(command)
        calls += cloud.calls
    made = [
        call
        for call in calls
        if call[:3] in (["artifacts", "repositories", "create"], ["ai", "custom-jobs", "create"])
    ]
    made += [call for call in calls if call[:2] == ["run", "deploy"]]
    assert len(made) == 4
    assert {flag(call, "--labels") for call in made} == {f"app={NAME}"}
    buckets = {call[3] for call in calls if call[:3] == ["storage", "buckets", "create"]}
    assert buckets == {call[3] for call in calls if flag(call, "--update-labels") == f"app={NAME}"}


def test_without_a_billing_account_or_a_connection_there_is_no_budget_and_no_trigger(cloud: Cloud) -> None:
    result = cloud.run("setup", BILLING_ACCOUNT="", GITHUB_CONNECTION="")
    assert not [call for call in cloud.calls if call[0] == "billing" or "triggers" in call]
    assert f"gh variable set GCP_PROJECT_ID --repo {REPOSITORY} --body {PROJECT}" in result.stdout
    assert result.stdout.rstrip().endswith(
        f"projects/123456789/locations/global/workloadIdentityPools/{NAME}/providers/github"
    )

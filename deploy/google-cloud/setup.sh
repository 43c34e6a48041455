# shellcheck shell=bash disable=SC2154 # sourced by google-cloud.sh, which sets the names in lower case
# setup: makes what a deployment needs, each thing only if it is missing. Nobody gets more than one job requires.

accounts() {
  cat << END
build   builds, tests and releases the demo; started by Cloud Build
run     runs the demo, without any role
train   trains the model on Vertex AI
github  what GitHub Actions may become, without a key, to start a build
END
}

run_setup() {
  begin 'finding the GitHub repository'
  github_repository
  begin "finding the project $PROJECT_ID"
  project_number=PROJECT_NUMBER
  if ! $dry_run; then
    ask gcloud projects describe "$PROJECT_ID" '--format=value(projectNumber)'
    project_number=$answer
  fi
  enable_services
  make_repository
  make_bucket "$bucket"
  make_accounts
  make_service
  make_grants
  make_way_in
  [[ -z $GITHUB_CONNECTION ]] || make_trigger
  [[ -z $BILLING_ACCOUNT ]] || make_budget
  next_steps
}

github_repository() {
  local url
  if [[ -z ${GITHUB_REPOSITORY:-} ]]; then
    url=$(git -C "$root" remote get-url origin 2> /dev/null) || url=''
    GITHUB_REPOSITORY=$(sed -nE 's#^.*github\.com[:/]([^/]+/[^/]+)$#\1#p' <<< "${url%.git}")
  fi
  [[ ${GITHUB_REPOSITORY:-} =~ ^[A-Za-z0-9-]+/[A-Za-z0-9._-]+$ ]] || refuse 'set GITHUB_REPOSITORY to OWNER/NAME of your fork on GitHub'
}

enable_services() {
  local wanted missing=() name
  begin 'enabling the services of Google Cloud'
  wanted=(artifactregistry cloudbuild run storage logging iam iamcredentials sts cloudresourcemanager aiplatform)
  [[ -z $BILLING_ACCOUNT ]] || wanted+=(billingbudgets)
  $dry_run || ask gcloud services list --enabled '--format=value(config.name)'
  for name in "${wanted[@]}"; do
    among "$name.googleapis.com" "$answer" || missing+=("$name.googleapis.com")
  done
  [[ ${#missing[@]} -eq 0 ]] || change gcloud services enable "${missing[@]}"
}

make_repository() {
  begin 'making the repository for images'
  have "$SERVICE" gcloud artifacts repositories list --location="$REGION" '--format=value(name.basename())' ||
    change gcloud artifacts repositories create "$SERVICE" --location="$REGION" --repository-format=docker \
      --labels="app=$SERVICE" --description='Images of the demo and of its training'
  have keep-images gcloud artifacts repositories list-cleanup-policies "$SERVICE" --location="$REGION" '--format=value(name)' ||
    change gcloud artifacts repositories set-cleanup-policies "$SERVICE" --location="$REGION" \
      --policy="$here/google-cloud/image-cleanup.json" --no-dry-run
}

make_bucket() { # make_bucket NAME
  begin "making the bucket $1"
  have "$1" gcloud storage buckets list '--format=value(name)' ||
    change gcloud storage buckets create "gs://$1" --location="$REGION" --uniform-bucket-level-access \
      --public-access-prevention --soft-delete-duration=0 --lifecycle-file="$here/google-cloud/bucket-lifecycle.json"
  have "$1" gcloud storage buckets list "--filter=labels.app=$SERVICE" '--format=value(name)' ||
    change gcloud storage buckets update "gs://$1" --update-labels="app=$SERVICE"
}

make_accounts() {
  local name job
  while read -r name job; do
    begin "making the service account $SERVICE-$name"
    have "$(account "$name")" gcloud iam service-accounts list '--format=value(email)' ||
      change gcloud iam service-accounts create "$SERVICE-$name" --display-name="$SERVICE-$name" --description="$job"
  done < <(accounts)
}

# With a first revision that only says hello, so that there is a service to give the right to: the build may then
# deploy to this one service instead of to every one of the project, and only you, not the build, make it public.
make_service() {
  begin 'making the Cloud Run service'
  have "$SERVICE" gcloud run services list --region="$REGION" '--format=value(metadata.name)' ||
    change gcloud run deploy "$SERVICE" --region="$REGION" --image=us-docker.pkg.dev/cloudrun/container/hello \
      --service-account="$(account run)" --labels="app=$SERVICE" --max-instances=1 --no-invoker-iam-check
}

# Who may do what: nothing else in this repository grants anything, apart from the way in below and `function`. The
# account SERVICE-run is missing on purpose: the demo itself needs no right to anything.
make_grants() {
  local build train github
  build=serviceAccount:$(account build)
  train=serviceAccount:$(account train)
  github=serviceAccount:$(account github)
  grant "$build" roles/logging.logWriter projects "$PROJECT_ID" # its log
  grant "$build" roles/artifactregistry.writer 'artifacts repositories' "$SERVICE" --location="$REGION" # pushes images
  grant "$build" roles/storage.objectViewer 'storage buckets' "gs://$bucket" # reads the source that was uploaded
  grant "$build" roles/run.developer 'run services' "$SERVICE" --region="$REGION" # deploys; cannot make it public
  grant "$build" roles/iam.serviceAccountUser 'iam service-accounts' "$(account run)" # what it deploys runs as that
  grant "$train" roles/storage.objectUser 'storage buckets' "gs://$bucket" # writes the artifact
  grant "$github" roles/cloudbuild.builds.editor projects "$PROJECT_ID" # starts builds; there is no smaller role
  grant "$github" roles/serviceusage.serviceUsageConsumer projects "$PROJECT_ID" # gcloud counts its calls against it
  grant "$github" roles/storage.objectUser 'storage buckets' "gs://$bucket" "$(only_below source)" # not trained artifacts
  grant "$github" roles/storage.legacyBucketReader 'storage buckets' "gs://$bucket" # gcloud looks whether it exists
  grant "$github" roles/iam.serviceAccountUser 'iam service-accounts' "$(account build)"
}

only_below() { # only_below FOLDER: the condition that limits a grant on the bucket to the objects in this folder
  printf "%s" "--condition=title=only-$1,expression=resource.name.startsWith('projects/_/buckets/$bucket/objects/$1/')"
}

grant() { # grant MEMBER ROLE KIND RESOURCE [FLAG...] [--condition=...]: KIND is the group of gcloud, such as 'run services'
  local member=$1 role=$2 kind condition=()
  read -ra kind <<< "$3"
  shift 3
  if [[ ${!#} == --condition=* ]]; then
    condition=("${!#}")
    set -- "${@:1:$#-1}"
  fi
  begin "granting $role on $1 to ${member#*:}"
  have "$role,$member" gcloud "${kind[@]}" get-iam-policy "$@" \
    '--flatten=bindings[].members[]' '--format=csv[no-heading](bindings.role,bindings.members)' && return
  [[ ${kind[0]} != projects ]] || condition=(--condition=None) # or gcloud asks, where others have conditions
  set -- gcloud "${kind[@]}" add-iam-policy-binding "$@" --member="$member" --role="$role" "${condition[@]}"
  show "$@"
  $dry_run || patiently "$@"
  changes=$((changes + 1))
}

patiently() { # patiently COMMAND...: an account that was just made is known everywhere only after some seconds
  local attempt complaint
  for attempt in 1 2 3 4 5 6; do
    ! complaint=$("$@" 2>&1 > /dev/null) || return 0
    [[ $complaint == *'does not exist'* && $attempt -lt 6 ]] || break
    sleep "${PATIENCE:-5}"
  done
  printf '%s\n' "$complaint" >&2
  stop
}

# GitHub Actions prove by a signed token which repository and branch they run for: there is no key to leak. The pool
# keeps its name for 30 days after its deletion, so it is restored instead of made again.
make_way_in() {
  local pool=(--workload-identity-pool="$SERVICE" --location=global)
  local only="assertion.repository == '$GITHUB_REPOSITORY' && assertion.ref == 'refs/heads/$GITHUB_BRANCH'"
  begin 'making the pool of GitHub identities'
  revive "$SERVICE" --location=global ||
    change gcloud iam workload-identity-pools create "$SERVICE" --location=global --display-name="$SERVICE" \
      --description="GitHub Actions of $GITHUB_REPOSITORY"
  begin 'making the provider of GitHub identities'
  local oidc=("--attribute-condition=$only"
    '--attribute-mapping=google.subject=assertion.sub,attribute.repository=assertion.repository')
  if ! revive github "${pool[@]}"; then
    change gcloud iam workload-identity-pools providers create-oidc github "${pool[@]}" \
      --issuer-uri=https://token.actions.githubusercontent.com "${oidc[@]}"
  elif ! have "$only" gcloud iam workload-identity-pools providers list "${pool[@]}" '--format=value(attributeCondition)'; then
    change gcloud iam workload-identity-pools providers update-oidc github "${pool[@]}" "${oidc[@]}"
  fi
  way_in=projects/$project_number/locations/global/workloadIdentityPools/$SERVICE
  grant "principalSet://iam.googleapis.com/$way_in/attribute.repository/$GITHUB_REPOSITORY" \
    roles/iam.workloadIdentityUser 'iam service-accounts' "$(account github)"
}

revive() { # revive NAME FLAG...: whether the pool, or with its pool as a flag the provider, is there, undeleted if need be
  local name=$1 group=(gcloud iam workload-identity-pools)
  shift
  [[ $1 == --location=* ]] || group+=(providers)
  have "$name,ACTIVE" "${group[@]}" list "$@" --show-deleted '--format=csv[no-heading](name.basename(),state)' && return
  among "$name,DELETED" "$answer" || return 1
  change "${group[@]}" undelete "$name" "$@"
}

make_trigger() {
  local connection=projects/$PROJECT_ID/locations/$REGION/connections/$GITHUB_CONNECTION
  begin "linking $GITHUB_REPOSITORY to Cloud Build"
  have "$SERVICE" gcloud builds repositories list --connection="$GITHUB_CONNECTION" --region="$REGION" '--format=value(name.basename())' ||
    change gcloud builds repositories create "$SERVICE" --connection="$GITHUB_CONNECTION" --region="$REGION" \
      --remote-uri="https://github.com/$GITHUB_REPOSITORY.git"
  begin 'making the trigger'
  have "$SERVICE" gcloud builds triggers list --region="$REGION" '--format=value(name)' ||
    change gcloud builds triggers create github --name="$SERVICE" --region="$REGION" --repository="$connection/repositories/$SERVICE" \
      --branch-pattern="^$GITHUB_BRANCH\$" --build-config=cloudbuild.yaml --substitutions="_REGION=$REGION,_SERVICE=$SERVICE" \
      --service-account="projects/$PROJECT_ID/serviceAccounts/$(account build)"
}

make_budget() {
  begin 'making the budget alert'
  have "$SERVICE" gcloud billing budgets list --billing-account="$BILLING_ACCOUNT" --billing-project="$PROJECT_ID" '--format=value(displayName)' ||
    change gcloud billing budgets create --billing-account="$BILLING_ACCOUNT" --billing-project="$PROJECT_ID" \
      --display-name="$SERVICE" --budget-amount="$BUDGET" --filter-projects="projects/$PROJECT_ID" \
      --threshold-rule=percent=0.5 --threshold-rule=percent=1.0 --threshold-rule=percent=1.0,basis=forecasted-spend
}

next_steps() {
  if $dry_run; then
    printf '\nThat would be %s changes.\n' "$changes"
    return
  fi
  cat << END

Setup is complete, with $changes changes. To deploy from here:  deploy/google-cloud.sh deploy
To deploy with every push to $GITHUB_BRANCH, $(if [[ -n $GITHUB_CONNECTION ]]; then echo 'push: the trigger is there.'; else
    echo 'give GitHub these variables (none is secret):'
  fi)
END
  [[ -z $GITHUB_CONNECTION ]] || return 0
  printf '  gh variable set %s --repo %s --body %s\n' \
    GCP_PROJECT_ID "$GITHUB_REPOSITORY" "$PROJECT_ID" \
    GCP_REGION "$GITHUB_REPOSITORY" "$REGION" \
    GCP_SERVICE "$GITHUB_REPOSITORY" "$SERVICE" \
    GCP_SERVICE_ACCOUNT "$GITHUB_REPOSITORY" "$(account github)" \
    GCP_WORKLOAD_IDENTITY_PROVIDER "$GITHUB_REPOSITORY" "$way_in/providers/github"
}

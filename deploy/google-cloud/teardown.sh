# shellcheck shell=bash disable=SC2154 # sourced by google-cloud.sh, which sets the names in lower case
# status and teardown: what there is, by label where Google has labels and by name where not, and how to delete it.

# KIND, the service it needs, what it may cost. The order is the order of deletion: first what costs or still runs and
# uses the rest, last the accounts. Each KIND has a list_KIND, one name a line, and a delete_KIND NAME.
kinds() {
  cat << 'END'
service run only while it answers, beyond 2 million requests and 180,000 CPU-seconds a month that are free
job aiplatform about 0.15 USD an hour while it runs
trigger cloudbuild nothing itself; builds 0.006 USD a minute beyond 2,500 minutes a month that are free
link cloudbuild nothing
budget billingbudgets nothing
images artifactregistry 0.10 USD a GB and month beyond 0.5 GB
bucket storage 0.02 USD a GB and month
grant cloudresourcemanager nothing
pool iam nothing
account iam nothing
END
}

list_service() { ask gcloud run services list --region="$REGION" "--filter=metadata.labels.app=$SERVICE" '--format=value(metadata.name)'; }
delete_service() { change gcloud run services delete "$1" --region="$REGION"; }

# Only jobs that still run: an ended one is a line of history that costs nothing and that gcloud cannot delete.
list_job() {
  ask gcloud ai custom-jobs list --region="$REGION" '--format=value(name)' \
    "--filter=labels.app=$SERVICE AND state:(JOB_STATE_QUEUED JOB_STATE_PENDING JOB_STATE_RUNNING)"
}
delete_job() { change gcloud ai custom-jobs cancel "$1" --region="$REGION"; }

list_trigger() { named "$SERVICE" gcloud builds triggers list --region="$REGION" '--format=value(name)'; }
delete_trigger() { change gcloud builds triggers delete "$1" --region="$REGION"; }

list_link() {
  local connections connection found=''
  ask gcloud builds connections list --region="$REGION" '--format=value(name.basename())'
  connections=$answer
  while read -r connection; do
    [[ -n $connection ]] || continue
    named "$SERVICE" gcloud builds repositories list --connection="$connection" --region="$REGION" '--format=value(name.basename())'
    [[ -z $answer ]] || found+=$connection$'\n'
  done <<< "$connections"
  answer=${found%$'\n'}
}
delete_link() { change gcloud builds repositories delete "$SERVICE" --connection="$1" --region="$REGION"; }

list_budget() {
  local account=$BILLING_ACCOUNT
  if [[ -z $account ]]; then
    ask gcloud billing projects describe "$PROJECT_ID" '--format=value(billingAccountName.basename())'
    account=$answer
  fi
  [[ -z $account ]] || ask gcloud billing budgets list --billing-account="$account" --billing-project="$PROJECT_ID" \
    "--filter=displayName=$SERVICE" '--format=value(name)'
}
delete_budget() { change gcloud billing budgets delete "$1" --billing-project="$PROJECT_ID"; }

list_images() { ask gcloud artifacts repositories list --location="$REGION" "--filter=labels.app=$SERVICE" '--format=value(name.basename())'; }
delete_images() { change gcloud artifacts repositories delete "$1" --location="$REGION"; }

list_bucket() { # ours by name, too: a bucket gets its label only after it was made
  local found name
  ask gcloud storage buckets list "--filter=labels.app=$SERVICE" '--format=value(name)'
  found=$answer
  for name in "$bucket" "$function_bucket"; do
    named "$name" gcloud storage buckets list '--format=value(name)'
    [[ -z $answer || $name == "$bucket" ]] || unless_shared
    found+=$'\n'$answer
  done
  answer=$(sort -u <<< "$found")
}

unless_shared() { # other services of the project may keep their sources in the bucket, too: then it is not ours
  local others
  ask gcloud storage ls --recursive "gs://$function_bucket"
  others=$(grep '[^:/]$' <<< "$answer" | grep -v "^gs://$function_bucket/services/$SERVICE-function/") || others=''
  if [[ -z $others ]]; then answer=$function_bucket; else answer=''; fi
}

delete_bucket() { change gcloud storage rm --recursive "gs://$1"; }

# What the project itself granted to our accounts; a grant on a deleted thing goes with the thing.
list_grant() {
  ask gcloud projects get-iam-policy "$PROJECT_ID" '--flatten=bindings[].members[]' \
    '--format=csv[no-heading](bindings.role,bindings.members)'
  answer=$(grep -E "serviceAccount:$SERVICE-(build|run|train|github)@$PROJECT_ID\.iam\." <<< "$answer") || answer=''
}
delete_grant() {
  change gcloud projects remove-iam-policy-binding "$PROJECT_ID" --role="${1%%,*}" --member="${1#*,}" --condition=None '--format=none'
}

list_pool() { named "$SERVICE" gcloud iam workload-identity-pools list --location=global '--format=value(name.basename())'; }
delete_pool() { change gcloud iam workload-identity-pools delete "$1" --location=global; }

list_account() {
  ask gcloud iam service-accounts list '--format=value(email)'
  answer=$(grep -E "^$SERVICE-(build|run|train|github)@" <<< "$answer") || answer=''
}
delete_account() { change gcloud iam service-accounts delete "$1"; }

named() { # named NAME COMMAND...: NAME in $answer if COMMAND lists it, otherwise nothing
  local name=$1
  if have "$@"; then answer=$name; else answer=''; fi
}

take_inventory() { # into $inventory: lines of KIND, name and cost, separated by tabs
  local enabled kind needs cost name
  inventory=''
  begin "looking for all that $SERVICE has in project $PROJECT_ID, region $REGION"
  ask gcloud services list --enabled '--format=value(config.name)'
  enabled=$answer
  while read -r kind needs cost; do
    among "$needs.googleapis.com" "$enabled" || continue # never enabled: there can be none, and asking fails
    answer=''
    "list_$kind"
    while read -r name; do
      [[ -z $name ]] || inventory+="$kind"$'\t'"$name"$'\t'"$cost"$'\n'
    done <<< "$answer"
  done < <(kinds)
}

run_status() {
  ! $dry_run || refuse 'status changes nothing; it has no dry run'
  take_inventory
  print_inventory
  ask gcloud run services list --region="$REGION" "--filter=metadata.labels.app=$SERVICE" '--format=value(status.url)'
  [[ -z $answer ]] || printf '\n%s\n' "$answer"
}

print_inventory() {
  if [[ -z $inventory ]]; then
    printf 'There is nothing.\n'
  else
    awk -F'\t' '{ printf "  %-8s %s\n           costs %s\n", $1, $2, $3 }' <<< "${inventory%$'\n'}"
  fi
}

run_teardown() {
  if $dry_run; then inventory=$(everything); else take_inventory; fi
  print_inventory
  [[ -n $inventory ]] || return 0
  $dry_run || $yes || confirm
  local kind name _
  while IFS=$'\t' read -r -u 3 kind name _; do
    begin "deleting the $kind $name"
    "delete_$kind" "$name"
  done 3<<< "${inventory%$'\n'}"
  ! $dry_run || return 0
  take_inventory
  print_inventory
  [[ -z $inventory ]] || stop
  printf 'Nothing is left that could cost anything. The services of Google stay enabled (free), build logs go after 30 days.\n'
}

confirm() {
  local reply
  printf '\nAll of this will be deleted, with every trained artifact in it. Type the project id to go on: '
  read -r reply || refuse 'nobody there to answer: a machine says --yes'
  [[ $reply == "$PROJECT_ID" ]] || refuse 'that is not the project id; nothing was deleted'
}

everything() { # the inventory of a project in which every command was used once
  local kind needs cost name
  while read -r kind needs cost; do
    case $kind in
      service) name="$SERVICE $SERVICE-function" ;;
      job | link | budget) name=${kind^^} ;;
      bucket) name="$bucket $function_bucket" ;;
      account) name="$(account build) $(account run) $(account train) $(account github)" ;;
      grant) name="roles/logging.logWriter,serviceAccount:$(account build) roles/cloudbuild.builds.editor,serviceAccount:$(account github)
        roles/serviceusage.serviceUsageConsumer,serviceAccount:$(account github)" ;;
      *) name=$SERVICE ;;
    esac
    for name in $name; do printf '%s\t%s\t%s\n' "$kind" "$name" "$cost"; done
  done < <(kinds)
}

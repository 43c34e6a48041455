#!/usr/bin/env bash
# The demo on Google Cloud: makes what it needs, deploys it, shows it, and takes all of it away again.
#
#   deploy/google-cloud.sh COMMAND [--dry-run] [--yes]
#
#   setup     everything that a deployment needs; again at any time: what is there is left alone
#   deploy    build, test, push and release what is checked out here (cloudbuild.yaml)
#   function  the prediction alone, as a Cloud Run function that only invited accounts may call
#   train     a Vertex AI job that trains the model and leaves the artifact in the bucket
#   promote   verify that artifact and, if it is not worse, put it into model/artifact for you to commit (RUN=...)
#   status    what there is, and what each may cost
#   teardown  the same list, then the question, the deletion, and the list again to prove that nothing is left
#
#   --dry-run prints every change that an empty project (for teardown: a full one) needs; asks Google nothing
#   --yes     teardown without the question, for machines
#
# Settings, from the environment:
#   PROJECT_ID         the Google Cloud project; required
#   REGION             where everything runs (us-central1)
#   SERVICE            name and label of everything that is made (breast-fna-explorer)
#   GITHUB_REPOSITORY  OWNER/NAME that may deploy (the remote "origin")
#   GITHUB_BRANCH      the branch that may deploy (main)
#   GITHUB_CONNECTION  a GitHub connection of Cloud Build; makes the trigger, otherwise GitHub Actions start the build
#   BILLING_ACCOUNT    account of the budget alert, such as 0X0X0X-0X0X0X-0X0X0X; without it there is no alert
#   BUDGET             how much a month, in the currency of that account, before it mails you (5)
#   RUN                which training to promote, as `train` printed it
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(dirname "$here")
command='' dry_run=false yes=false step='reading the settings' answer='' changes=0
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

usage() { sed -n '2,/^set /s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"; }

refuse() { # wrong usage or settings: nothing has been done
  printf 'google-cloud.sh: %s\n' "$*" >&2
  exit 2
}

stop() { # a call failed: say where, and how to go on
  {
    printf '\ngoogle-cloud.sh %s stopped while %s. Nothing after that was done; the reason is above.\n' "$command" "$step"
    printf 'Once it is mended, run the same command again: what is finished is skipped.\n'
    printf 'docs/deploy.md, "When a step fails", has the usual reasons.\n'
  } >&2
  exit 1
}

begin() { # begin WHAT: the part of the work that is under way, for the reader and for stop
  step=$*
  printf '%s\n' "$*"
}

show() { # a command as it could be pasted
  printf '  +'
  printf ' %q' "$@"
  printf '\n'
}

ask() { # ask COMMAND...: reads; what it prints is then in $answer
  answer=$("$@") || stop
}

change() { # change COMMAND...: shown, and made unless this is a dry run
  show "$@"
  $dry_run || "$@" || stop
  changes=$((changes + 1))
}

have() { # have NAME COMMAND...: whether NAME is a line of what COMMAND lists; nothing exists in a dry run
  local name=$1
  shift
  ! $dry_run || return 1
  ask "$@"
  among "$name" "$answer"
}

among() { # among NAME LINES: whether NAME is one of them
  [[ $'\n'$2$'\n' == *$'\n'"$1"$'\n'* ]]
}

settings() {
  [[ -n ${PROJECT_ID:-} ]] || refuse 'set PROJECT_ID to the id of your Google Cloud project (gcloud projects list)'
  [[ $PROJECT_ID =~ ^[a-z][a-z0-9-]{4,28}[a-z0-9]$ ]] || refuse "PROJECT_ID is not a project id: $PROJECT_ID"
  REGION=${REGION:-us-central1}
  SERVICE=${SERVICE:-breast-fna-explorer}
  # The longest name made of it is the service account SERVICE-github, and Google allows that 30 characters.
  [[ $SERVICE =~ ^[a-z][a-z0-9-]{3,21}[a-z0-9]$ ]] || refuse "SERVICE needs 5 to 23 of a-z, 0-9 and -: $SERVICE"
  GITHUB_BRANCH=${GITHUB_BRANCH:-main}
  GITHUB_CONNECTION=${GITHUB_CONNECTION:-}
  BILLING_ACCOUNT=${BILLING_ACCOUNT:-}
  BUDGET=${BUDGET:-5}
  bucket=$PROJECT_ID-$SERVICE
  function_bucket=run-sources-$PROJECT_ID-$REGION
  images=$REGION-docker.pkg.dev/$PROJECT_ID/$SERVICE
  # The project by environment, so that no call can fall back to another one; no prompts, because we asked already.
  export CLOUDSDK_CORE_PROJECT=$PROJECT_ID CLOUDSDK_CORE_DISABLE_PROMPTS=1
  $dry_run || type -P gcloud > /dev/null || refuse 'gcloud is not installed: https://cloud.google.com/sdk/docs/install'
}

account() { printf '%s-%s@%s.iam.gserviceaccount.com' "$SERVICE" "$1" "$PROJECT_ID"; }

fill() { # fill NAME=VALUE... < template: puts the values in the place of ${NAME}
  local expressions=() pair
  for pair in "$@"; do expressions+=(-e "s|\${${pair%%=*}}|${pair#*=}|g"); done
  sed "${expressions[@]}"
}

# shellcheck source=deploy/google-cloud/setup.sh
source "$here/google-cloud/setup.sh"
# shellcheck source=deploy/google-cloud/work.sh
source "$here/google-cloud/work.sh"
# shellcheck source=deploy/google-cloud/teardown.sh
source "$here/google-cloud/teardown.sh"

for argument in "$@"; do
  case $argument in
    --dry-run) dry_run=true ;;
    --yes) yes=true ;;
    --help | -h | help) usage && exit 0 ;;
    setup | deploy | function | train | promote | status | teardown)
      [[ -z $command ]] || refuse "one command at a time, not $command and $argument"
      command=$argument
      ;;
    *) refuse "unknown argument $argument (--help shows what there is)" ;;
  esac
done
if [[ -z $command ]]; then
  usage
  exit 2
fi
settings
! $dry_run || printf 'Dry run: nothing is asked and nothing is changed.\nexport CLOUDSDK_CORE_PROJECT=%s\n' "$PROJECT_ID"
"run_$command"

# shellcheck shell=bash disable=SC2154 # sourced by google-cloud.sh, which sets the names in lower case
# deploy, function, train and promote: what one does with the project again and again once it is set up.

run_deploy() {
  local commit tag
  begin 'reading which commit is checked out'
  commit=$(git -C "$root" rev-parse HEAD) || stop
  tag=rev${commit:0:7}
  [[ -z $(git -C "$root" status --porcelain) ]] || tag+=-dirty
  begin "building, testing and releasing $tag (some minutes; the address of the log follows)"
  change gcloud builds submit "$root" --config="$root/cloudbuild.yaml" --region="$REGION" \
    --gcs-source-staging-dir="gs://$bucket/source" --suppress-logs \
    --substitutions="_REGION=$REGION,_SERVICE=$SERVICE,_TAG=$tag,COMMIT_SHA=$commit"
  printf '\nReleased %s. Its address: deploy/google-cloud.sh status\n' "$tag"
}

# Google builds the function from its source, and wants that in a bucket of this name. Made here, it has our label and
# the build account may read it; made by gcloud, it would have neither. If other services of the project made it before,
# it is theirs and stays without our label. Only accounts that you invite may call the function: it computes for whoever
# asks, and unlike the demo has no limiter of its own.
run_function() {
  local name=$SERVICE-function
  begin "looking for the bucket $function_bucket"
  if have "$function_bucket" gcloud storage buckets list '--format=value(name)'; then
    printf 'The bucket %s is there already.\n' "$function_bucket"
  else
    make_bucket "$function_bucket"
  fi
  grant "serviceAccount:$(account build)" roles/storage.objectViewer 'storage buckets' "gs://$function_bucket"
  begin 'staging the function'
  change make --directory="$root" function
  begin 'deploying the function'
  change gcloud run deploy "$name" --region="$REGION" --source="$root/build/function" --function=predict \
    --base-image=python312 --image="$images/function" --labels="app=$SERVICE" --no-allow-unauthenticated \
    --build-service-account="projects/$PROJECT_ID/serviceAccounts/$(account build)" --service-account="$(account run)" \
    --memory=256Mi --cpu=1 --concurrency=40 --max-instances=2 --timeout=30
  printf '\nTo let somebody call it:\n  gcloud run services add-iam-policy-binding %s --region=%s --role=roles/run.invoker --member=user:SOMEBODY\n' "$name" "$REGION"
}

run_train() {
  local run job state=JOB_STATE_PENDING file=$scratch/vertex-job.yaml
  run=$(date -u +%Y%m%d-%H%M%S)
  begin "submitting training $run"
  fill "IMAGE=$images/train:latest" "BUCKET=$bucket" "RUN=$run" "SERVICE_ACCOUNT=$(account train)" \
    < "$here/vertex-job.yaml" > "$file"
  set -- gcloud ai custom-jobs create --region="$REGION" --display-name="$SERVICE-$run" --config="$file" \
    --labels="app=$SERVICE" '--format=value(name)'
  show "$@"
  if ! $dry_run; then
    ask "$@"
    job=$answer
    begin "waiting for $job"
    while [[ $state =~ ^JOB_STATE_(QUEUED|PENDING|RUNNING|UPDATING)$ ]]; do
      sleep "${PATIENCE:-15}"
      ask gcloud ai custom-jobs describe "$job" --region="$REGION" '--format=value(state)'
      state=$answer
    done
    begin "training $run ended as $state; its log: gcloud ai custom-jobs stream-logs $job --region=$REGION"
    [[ $state == JOB_STATE_SUCCEEDED ]] || stop
  fi
  printf '\nTrained. To verify and promote it:  RUN=%s deploy/google-cloud.sh promote\n' "$run"
}

# Git is where the model that serves comes from, so promotion ends in the working copy: you see the difference, commit
# it, and the pull request reports on it like on any other.
run_promote() {
  [[ ${RUN:-} =~ ^[0-9]{8}-[0-9]{6}$ ]] || refuse 'set RUN to the training to promote, such as 20261123-081500'
  local new=$scratch/artifact artifact=$root/model/artifact name
  mkdir "$new"
  begin "fetching the artifact of training $RUN"
  change gcloud storage cp --recursive "gs://$bucket/training/$RUN/model/*" "$new"
  begin 'verifying that it is whole and as it was written'
  (! $dry_run || exit 0; cd "$new" && sha256sum --check --strict --quiet SHA256SUMS) || stop
  begin 'verifying that it is not worse than the one in model/artifact'
  change make --directory="$root" report NEW="$new/evaluation.json" AGAINST="$artifact/evaluation.json"
  begin 'putting it into model/artifact'
  # only files that the checksums cover; the model card is written again from the evidence
  if ! $dry_run; then
    while read -r _ name; do cp "$new/$name" "$artifact/" || stop; done < "$new/SHA256SUMS"
    cp "$new/SHA256SUMS" "$artifact/" || stop
  fi
  change make --directory="$root" figures
  printf '\nPromoted to model/artifact. See it with git diff, commit it, and deploy.\n'
}

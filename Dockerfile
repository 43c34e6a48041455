# The demo as an image. `serve`, the last stage and so the default, runs it; `train` makes the model on Vertex AI.
# What changes least comes first: a change of the code rebuilds one layer of a few hundred kB.

# The digest, not the tag, decides what is built on: 3.12.14 on Debian 13, an index of all platforms. Dependabot proposes
# newer ones; what the tag means today: docker buildx imagetools inspect python:3.12-slim
FROM python:3.12-slim@sha256:78387bc3881b8273120a12ebe6c1ab22b018ccc2c9adf565ae1ac9b536e184ea AS base
# Nothing may be written but /tmp, so that is home.
RUN useradd --uid 1000 --user-group --no-create-home --home-dir /tmp demo
ENV PATH=/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
WORKDIR /app

# uv, held to the hashes of the lock as everything that it installs will be.
FROM base AS uv
COPY requirements.lock ./
RUN sed -n '/^uv==/,/[^\\]$/p' requirements.lock > uv.txt \
    && python -m pip install --no-cache-dir --require-hashes --requirement uv.txt \
    && uv venv /venv
ENV UV_NO_CACHE=1 \
    UV_REQUIRE_HASHES=1 \
    VIRTUAL_ENV=/venv

FROM uv AS train-packages
COPY training/requirements.txt ./
RUN uv pip install --requirement requirements.txt --constraint requirements.lock

FROM base AS train
COPY --from=train-packages /venv /venv
COPY model ./model
COPY training ./training
ENV EVALUATION_CACHE=/tmp/evaluation
USER 1000
CMD ["python", "-m", "training"]

FROM uv AS serve-packages
COPY requirements.txt ./
RUN uv pip install --requirement requirements.txt --constraint requirements.lock
# Serving never opens the packages' own tests and type stubs, Gradio's sample media, its Node server (server-side
# rendering is off), its video editor and Bokeh, nor the client for files of many gigabytes. Bytecode that does not
# look at its source starts the demo in a third of the time.
WORKDIR /venv/lib/python3.12/site-packages
RUN find . -type d -name tests -prune -exec rm -r {} + \
    && find . -type f -name '*.pyi' -delete \
    && rm -r gradio/media_assets gradio/test_data gradio/templates/node \
        gradio/templates/frontend/static/bokeh gradio/templates/frontend/static/ffmpeg \
    && uv pip uninstall hf-xet \
    && python -m compileall -q -j 0 --invalidation-mode unchecked-hash .

FROM base AS code
COPY LICENSE app.py ./
COPY api ./api
COPY model ./model
COPY ui ./ui
RUN python -m compileall -q --invalidation-mode unchecked-hash .

FROM base AS serve
COPY --from=serve-packages /venv /venv
COPY --from=code /app ./
# Without PORT the page is on 7860, and REST alone (`python -m api`) on 8000. Where /tmp is memory, files have to fit
# into 512 MB together with the demo itself. glibc would keep freed memory for each of forty threads: after minutes of
# long lists and tables, half as much again.
ENV HOST=0.0.0.0 \
    MALLOC_ARENA_MAX=2 \
    MAX_UPLOAD_MB=16 \
    SCRATCH_MB=96
EXPOSE 7860 8000
USER 1000
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s CMD ["python", "-c", "import os, urllib.request; page = b'app.py' in open('/proc/1/cmdline', 'rb').read(); port = os.environ.get('PORT') or (7860 if page else 8000); urllib.request.urlopen(f'http://127.0.0.1:{port}/v1/health', timeout=4)"]
LABEL org.opencontainers.image.title="Breast FNA Explorer" \
    org.opencontainers.image.description="Thirty measurements of a breast FNA in, a calibrated probability with its reasons out" \
    org.opencontainers.image.licenses="Apache-2.0"
CMD ["python", "app.py"]

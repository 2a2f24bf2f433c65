# One image for every part; docker-compose.yml says which command each runs.
FROM python:3.11-slim-trixie
ARG TORCH_INDEX=""
RUN apt-get update && apt-get install --yes --no-install-recommends make nodejs npm && rm -rf /var/lib/apt/lists/*
WORKDIR /tessera
COPY Makefile pyproject.toml requirements.lock package.json package-lock.json .npmrc ./
RUN make setup TORCH_INDEX="$TORCH_INDEX"
COPY . .
RUN .venv/bin/python -m annotation_server.translations.compile
ENV PATH="/tessera/.venv/bin:$PATH" OMP_NUM_THREADS=1 TESSERA_HOME=/data
RUN useradd --create-home tessera && mkdir /data && chown tessera /data
USER tessera
CMD ["python", "manage.py", "serve", "--host", "0.0.0.0"]

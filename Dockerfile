FROM python:3.12-slim

# Logs come at once; no byte code is written into the image's folders at run time.
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PIP_NO_CACHE_DIR=1

RUN useradd --create-home --uid 1000 harbor && install -d -o harbor -g harbor /srv/app /srv/var
WORKDIR /srv/app

COPY requirements.txt constraints.txt ./
RUN pip install -r requirements.txt -c constraints.txt

COPY . .

USER harbor
EXPOSE 8000
VOLUME /srv/var
CMD ["gunicorn", "--config", "python:harbor_plan.gunicorn", "harbor_plan.wsgi:application"]

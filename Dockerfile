# The image for production: the program, its dialogues and words, and the packages it runs with. It holds no secret
# and no build tool; settings come from the environment, the store lies in /data, and nothing else is written.
FROM node:26-slim AS packages
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --ignore-scripts

FROM node:26-slim
# npm is not needed to run, and what is not there cannot be misused.
RUN rm -rf /usr/local/lib/node_modules /usr/local/bin/npm /usr/local/bin/npx \
  && install --directory --owner=node --group=node --mode=0700 /data
WORKDIR /app
COPY --from=packages /app/node_modules ./node_modules
COPY package.json ./
COPY src ./src
COPY dialogs ./dialogs
COPY content ./content
# A faulty dialogue stops here, and what is learnt from the examples lies ready for every start.
RUN node src/start.js check
# Open to the container's network, which the program allows with a MASTER_KEY only: there is no demo in a container.
ENV NODE_ENV=production HOST=0.0.0.0 PORT=8080 DATA_DIR=/data
USER node
VOLUME /data
EXPOSE 8080
HEALTHCHECK --start-period=20s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/healthz`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "src/start.js"]

# Runs the gateway or a worker (SLUSE_ROLE). There is no build: Node runs the TypeScript (docs/adr/0009-native-typescript.md).
FROM node:24-slim AS packages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# Optional packages are the embedded PostgreSQL and Node itself: the image has neither use for them.
RUN npm ci --omit=dev --omit=optional --ignore-scripts

FROM node:24-slim
ENV NODE_ENV=production
WORKDIR /app
COPY --from=packages /app/node_modules node_modules
COPY package.json ./
COPY profiles/generated profiles/generated
COPY mappings mappings
COPY src src
# uid 1000, which owns nothing here: it reads, and writes to no disk.
USER node
EXPOSE 8080
# Not npm: signals go to the process that stops on them.
CMD ["node", "src/main.ts"]

import type { FastifyInstance } from "fastify";
import { refuseWithProblem } from "../server/answer.ts";
import type { Observe } from "../server/observe-requests.ts";
import { refusal } from "../server/problem.ts";
import type { AnswerFile } from "./answer-file.ts";

/** What is answered at which URL. */
export type ServedFiles = Readonly<Record<string, { readonly tell: Observe; readonly answer: AnswerFile }>>;

/** Serves pages and what they are made of. */
export function serveFiles(app: FastifyInstance, files: ServedFiles): void {
  // After what bounds the requests to all routes.
  app.register(async (pages) => {
    for (const [url, { tell, answer }] of Object.entries(files))
      pages.route({
        method: "GET",
        url,
        onRequest(request, reply, done) {
          reply.header("x-request-id", request.id);
          done();
        },
        onResponse(request, reply, done) {
          tell(request, reply);
          done();
        },
        handler: answer,
      });
  });
}

const NOTHING = refusal("not_found", "There is nothing at this path.");

/**
 * Answers with the file whose name is the last part of the path. Paths are never joined with it, so no name leads out.
 *
 * @param open is called once, at the first request
 */
export function answerFolder(open: () => ReadonlyMap<string, AnswerFile>): AnswerFile {
  let files: ReadonlyMap<string, AnswerFile> | undefined;
  return async (request, reply) => {
    files ??= open();
    const [path = ""] = request.url.split("?", 1);
    const file = files.get(path.slice(path.lastIndexOf("/") + 1));
    return file === undefined ? refuseWithProblem(reply, NOTHING) : await file(request, reply);
  };
}

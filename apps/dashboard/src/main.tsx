import "@fontsource-variable/figtree/wght.css";
import "uplot/dist/uPlot.min.css";
import "./styles/base.css";
import "./styles/shell.css";
import "./styles/parts.css";
import "./styles/views.css";
import "./styles/print.css";
import { render } from "preact";
import { App } from "./app.tsx";

const place = document.getElementById("page");
if (place !== null) render(<App />, place);

export { type OversizedRow, openRecorderStore, type RecorderStore } from "@pedidos/persistence";

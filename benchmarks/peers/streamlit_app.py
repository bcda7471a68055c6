"""In Streamlit: the script runs anew at each click, and what lasts is in its session state."""

import streamlit as st

from benchmarks.peers.network import BEGINNING, svg

if "simulation" not in st.session_state:
    st.session_state.simulation = BEGINNING


def step() -> None:
    st.session_state.simulation = st.session_state.simulation.step("unit")


st.button("Step", on_click=step)
st.markdown(svg(st.session_state.simulation), unsafe_allow_html=True)
